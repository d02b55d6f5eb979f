"""The network, load balancer, servers, and DRS templates of the website. Imports CDK only."""
