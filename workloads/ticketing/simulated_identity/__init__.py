"""What stands in for Cognito and Facebook on a laptop: two user pools that sign tokens with Cognito's claims.

    pool      a user pool: a key pair made when it is made, its JWKS, the tokens it signs
    pages     the hosted sign-in: authorize, "Continue with Facebook (simulated)", token; the code flow with PKCE

Only the twin and the tests may import this. Nobody's password is asked for, and none of it is deployed.
"""
