"""DRS's use of moto's EC2: instances, launch templates, recovery instance launches, and billed resources.

This package may import `state` and `conventions`.
"""
