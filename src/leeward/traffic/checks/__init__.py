"""HTTP checks, synthetic transactions with canary sign-in, API error rates. Doesn't import traffic.routing."""
