import os
import socket
import socketserver


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while data := self.request.recv(65536):
            self.request.sendall(data)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 511

    def handle_error(self, request, client_address):
        pass  # a client that goes away


with Server(("127.0.0.1", int(os.environ["PORT"])), Echo) as server:
    server.serve_forever()
