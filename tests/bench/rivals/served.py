# SPDX-License-Identifier: GPL-3.0-or-later
"""The blog on one of two libraries, as one would start it by hand: `served.py gevent|tornado bare|recipe PORT`.

`recipe` is what the original recipe had, word for word: one process. `bare` are as many processes and threads as the
collection gives a host, on one socket, with nothing else around them.
"""

import os
import runpy
import socket
import sys

LIBRARY, KIND, PORT = sys.argv[1], sys.argv[2], int(sys.argv[3])
SLOTS, THREADS = 2, 8
if LIBRARY == "gevent" and KIND == "bare":
    from gevent import monkey

    monkey.patch_all()


def application():
    return runpy.run_path("/srv/blog/current/release/slipway_wsgi.py")["application"]


def shared_socket() -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listening.bind(("0.0.0.0", PORT))
    listening.listen(1024)
    listening.setblocking(False)
    for _ in range(SLOTS - 1):
        if not os.fork():
            break
    return listening


def gevent_recipe() -> None:
    from gevent.pywsgi import WSGIServer

    WSGIServer(("", PORT), application()).serve_forever()


def gevent_bare() -> None:
    from gevent.pywsgi import WSGIServer

    WSGIServer(shared_socket(), application()).serve_forever()


def tornado_recipe() -> None:
    from tornado.httpserver import HTTPServer
    from tornado.ioloop import IOLoop
    from tornado.wsgi import WSGIContainer

    HTTPServer(WSGIContainer(application())).listen(PORT)
    IOLoop.current().start()


def tornado_bare() -> None:
    from concurrent.futures import ThreadPoolExecutor

    from tornado.httpserver import HTTPServer
    from tornado.ioloop import IOLoop
    from tornado.wsgi import WSGIContainer

    listening = shared_socket()
    HTTPServer(WSGIContainer(application(), executor=ThreadPoolExecutor(THREADS))).add_socket(listening)
    IOLoop.current().start()


globals()[f"{LIBRARY}_{KIND}"]()
