"""The AWS SDK as the tasks use it: botocore without boto3, whose own modules take a tenth longer to import."""
