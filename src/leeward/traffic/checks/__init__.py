"""HTTP checks, synthetic transactions with canary sign-in, API error rates. Imports no other folder of traffic."""
