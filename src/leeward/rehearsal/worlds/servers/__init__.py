"""The server part of a world: EC2 instances with their DRS source servers, and the load balancers in front of them."""
