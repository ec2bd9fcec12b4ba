#!/usr/bin/env python3
"""Healthy is who answers /chat/ with 200, asked with an allowed host, as over the proxy's https."""

import http.client
import os
import sys

hosts = os.environ.get("ALLOWED_HOSTS", "").split(",")
host = hosts[0].strip().lstrip(".").replace("*", "") or "localhost"
connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT") or 8000), timeout=4)
connection.request("GET", "/chat/", headers={"Host": host, "X-Forwarded-Proto": "https"})
sys.exit(connection.getresponse().status != 200)
