"""A bucket as it is, seen without Skillbox: signed requests (AWS Signature Version 4) and lists."""

import datetime
import hashlib
import hmac
import http.client
import urllib.parse
import xml.etree.ElementTree


class Bucket:
    def __init__(self, address, name, access_key, secret_key, region="us-east-1"):
        self.address, self.name, self.region = address, name, region
        self.access_key, self.secret_key = access_key, secret_key

    def request(self, method, key="", query=None):
        path = urllib.parse.quote(f"/{self.name}/{key}" if key else f"/{self.name}")
        terms = "&".join(f"{urllib.parse.quote(k, safe='')}={urllib.parse.quote(v, safe='')}"
                         for k, v in sorted((query or {}).items()))
        host = f"{self.address[0]}:{self.address[1]}"
        moment = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        empty = hashlib.sha256(b"").hexdigest()
        headers = {"host": host, "x-amz-content-sha256": empty, "x-amz-date": moment}
        names = ";".join(headers)
        canonical = "\n".join([method, path, terms, *(f"{k}:{v}" for k, v in headers.items()), "",
                               names, empty])
        scope = f"{moment[:8]}/{self.region}/s3/aws4_request"
        signed = "\n".join(["AWS4-HMAC-SHA256", moment, scope,
                            hashlib.sha256(canonical.encode()).hexdigest()])
        key_bytes = ("AWS4" + self.secret_key).encode()
        for part in (moment[:8], self.region, "s3", "aws4_request"):
            key_bytes = hmac.new(key_bytes, part.encode(), hashlib.sha256).digest()
        signature = hmac.new(key_bytes, signed.encode(), hashlib.sha256).hexdigest()
        headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={self.access_key}/{scope}, "
                                    f"SignedHeaders={names}, Signature={signature}")
        connection = http.client.HTTPConnection(*self.address, timeout=60)
        try:
            connection.request(method, path + (f"?{terms}" if terms else ""), headers=headers)
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}?{terms}: {answer.status} {body[:300]}")
        return body

    def objects(self):
        """All keys with their ETags, page by page (ListObjectsV2)."""
        found, more = {}, {}
        while True:
            page = _xml(self.request("GET", query={"list-type": "2", "max-keys": "500"} | more))
            for entry in page.iter("Contents"):
                found[entry.findtext("Key")] = entry.findtext("ETag")
            if page.findtext("IsTruncated") != "true":
                return found
            more = {"continuation-token": page.findtext("NextContinuationToken")}

    def uploads(self):
        """Keys of uploads in parts that were neither finished nor given up."""
        page = _xml(self.request("GET", query={"uploads": ""}))
        return [entry.findtext("Key") for entry in page.iter("Upload")]

    def digest(self, key):
        return hashlib.sha256(self.request("GET", key)).hexdigest()


def _xml(body):
    tree = xml.etree.ElementTree.fromstring(body)
    for element in tree.iter():
        element.tag = element.tag.rpartition("}")[2]
    return tree
