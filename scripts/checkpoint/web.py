# SPDX-License-Identifier: Apache-2.0
"""A browser's part of the HTTP conversation: cookies kept, the CSRF token sent back."""
import http.client
import json
import ssl
from urllib.parse import urlsplit


class HttpError(Exception):
    def __init__(self, status, word, message):
        super().__init__(f"HTTP {status} {word}: {message}")
        self.status, self.word, self.message = status, word, message


class Session:
    """One person's session with a page. Not for several threads at once."""

    def __init__(self, url, ca_file=None, timeout=15):
        self.url, self.timeout = url, timeout
        self.cookies, self.csrf = {}, None
        self.context = ssl.create_default_context(cafile=ca_file) if ca_file else None

    def _connect(self):
        parts = urlsplit(self.url)
        if parts.scheme == "https":
            return http.client.HTTPSConnection(parts.hostname, parts.port, timeout=self.timeout,
                                               context=self.context)
        return http.client.HTTPConnection(parts.hostname, parts.port, timeout=self.timeout)

    def request(self, method, path, payload=None):
        """The answer's JSON (None when empty). HttpError for a status of 400 and above; OSError or
        http.client.HTTPException when no answer came."""
        headers = {"Origin": self.url, "Accept": "application/json"}
        body = None
        if payload is not None:
            body, headers["Content-Type"] = json.dumps(payload), "application/json"
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        if self.csrf and method != "GET":
            headers["X-CSRF-Token"] = self.csrf
        connection = self._connect()
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            raw = answer.read()
            self._keep_cookies(answer)
        finally:
            connection.close()
        return self._judge(answer.status, raw)

    def _keep_cookies(self, answer):
        for value in answer.headers.get_all("Set-Cookie") or []:
            name, _, content = value.split(";")[0].partition("=")
            self.cookies[name.strip()] = content.strip()

    @staticmethod
    def _judge(status, raw):
        try:
            content = json.loads(raw) if raw else None
        except ValueError:
            content = None
        if status >= 400:
            content = content if isinstance(content, dict) else {}
            raise HttpError(status, content.get("error", "?"), content.get("message", raw[:200]))
        return content

    def get(self, path):
        return self.request("GET", path)

    def post(self, path, payload=None):
        return self.request("POST", path, payload if payload is not None else {})

    def sign_in(self, user, password):
        answer = self.post("/api/sign-in", {"user": user, "password": password})
        self.csrf = (answer or {}).get("csrf")
        return answer
