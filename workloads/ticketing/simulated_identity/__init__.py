"""Simulates Cognito and Facebook on a laptop: two user pools that sign tokens with Cognito's claims.

    user_pool.py      a user pool: its key pair, its JWKS, and the tokens that it signs
    sign_in_pages.py  the hosted sign-in: authorize, "Continue with Facebook (simulated)", and token (PKCE)

Only the twin and the tests may import this package. It asks for no passwords and is not deployed.
"""
