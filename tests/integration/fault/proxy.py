# SPDX-License-Identifier: Apache-2.0
"""A TCP relay between uplink and centre that can go dark, or cut a connection after so many bytes."""
import socket
import threading


class Proxy:
    def __init__(self, target_port):
        self.target_port = target_port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.lock = threading.Lock()
        self.pairs, self.dark, self.cut_after, self.cuts = set(), False, None, 0
        threading.Thread(target=self._accept, daemon=True).start()

    def go_dark(self, dark):
        """Refuses new connections and drops the standing ones, or serves again."""
        with self.lock:
            self.dark = dark
        if dark:
            self.drop()

    def cut_in(self, upload_bytes):
        """The next connection that carries so many bytes towards the centre is cut at that byte."""
        with self.lock:
            self.cut_after = upload_bytes

    def drop(self):
        with self.lock:
            pairs, self.pairs = self.pairs, set()
        for pair in pairs:
            self._close(pair)

    def close(self):
        self.listener.close()
        self.drop()

    @staticmethod
    def _close(pair):
        for end in pair:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                dark = self.dark
            if dark:
                client.close()
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self.target_port), 5)
            except OSError:
                client.close()
                continue
            pair = (client, server)
            with self.lock:
                self.pairs.add(pair)
            threading.Thread(target=self._carry, args=(pair, client, server, True), daemon=True).start()
            threading.Thread(target=self._carry, args=(pair, server, client, False), daemon=True).start()

    def _carry(self, pair, source, sink, upward):
        while True:
            try:
                data = source.recv(4096)
                cut = upward and self._due(len(data))
                if data and not cut:
                    sink.sendall(data)
                if not data or cut:
                    break
            except OSError:
                break
        with self.lock:
            self.pairs.discard(pair)
        self._close(pair)

    def _due(self, count):
        with self.lock:
            if self.cut_after is None:
                return False
            self.cut_after -= count
            if self.cut_after > 0:
                return False
            self.cut_after = None
            self.cuts += 1
            return True
