"""A Python host, for PlugInHostIT: its signals are its own after a JVM has started, and its threads make samplers.

    plugin_host.py EXAMPLES LIBRARY LLAMA_LIB
"""

import ctypes
import faulthandler
import glob
import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

# The examples are sources.
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
from generate import make_sampler  # noqa: E402


def wait_for_interrupt():
    """The main thread sleeps, and must be woken, not one of the JVM's."""
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    start = time.monotonic()
    try:
        time.sleep(30)
        sys.exit("Ctrl-C must interrupt sleep, and did not")
    except KeyboardInterrupt:
        assert time.monotonic() - start < 10


faulthandler.enable()
terminated = []
signal.signal(signal.SIGTERM, lambda number, frame: terminated.append(number))
llama = ctypes.CDLL(glob.glob(sys.argv[3] + "/libllama.*so*")[0])
library = ctypes.CDLL(sys.argv[2])
library.java_sampler_version.restype = ctypes.c_char_p
print(library.java_sampler_version().decode())
with ThreadPoolExecutor(8) as executor:
    samplers = list(executor.map(lambda seed: make_sampler(library, f"top_k=40,seed={seed}"), range(64)))
assert len(set(samplers)) == 64
wait_for_interrupt()
signal.signal(signal.SIGINT, signal.default_int_handler)
wait_for_interrupt()
os.kill(os.getpid(), signal.SIGTERM)
assert terminated == [signal.SIGTERM]
try:
    make_sampler(library, "top_q=1")
except ValueError as error:
    print(error)
llama.llama_sampler_free.argtypes = [ctypes.c_void_p]
for sampler in samplers:
    llama.llama_sampler_free(sampler)
