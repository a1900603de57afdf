"""The interactive interpreter that the program `taipan` is without a program to run."""

import sys
from code import InteractiveConsole


class Console(InteractiveConsole):
    """Reads statements from standard input. Where that is no terminal, prompts go to standard error, so that they do
    not mix with what the statements print; what is left at the end of input is run, too."""

    def __init__(self, namespace):
        super().__init__(namespace, '<stdin>')

    def runsource(self, source, filename='<stdin>', symbol='single'):
        try:
            code = self.compile(source, filename, symbol)
        except (OverflowError, SyntaxError, ValueError):
            if self.goes_on(source):
                return True
            self.showsyntaxerror(filename, source=source)
            return False
        if code is None:
            return True
        if source.strip():
            import linecache
            linecache._register_code(code, source + '\n', '<stdin>')
        self.runcode(code)
        return False

    def goes_on(self, source):
        """Whether the source is a compound statement, which more lines may follow, that has no error of syntax."""
        if source.endswith('\n'):
            return False
        try:
            tree = compile(source + '\n', '<stdin>', 'single', 0x400)
        except (OverflowError, SyntaxError, ValueError):
            return False
        return any(hasattr(statement, 'body') or hasattr(statement, 'cases') for statement in tree.body)

    def raw_input(self, prompt=''):
        if sys.stdin is None:
            raise EOFError
        try:
            terminal = sys.stdin.isatty() and sys.stdout.isatty()
        except (AttributeError, ValueError):
            terminal = False
        if terminal:
            return input(prompt)
        self.ask(prompt)
        try:
            line = sys.stdin.readline()
        except (OSError, ValueError):
            # Somebody has closed it.
            line = ''
        if line:
            if line.endswith('\n'):
                return line[:-1]
            self.ask(str(sys.ps2))
            self.write('\n')
            self.push(line)
            if self.buffer:
                self.push('')
            self.resetbuffer()
            self.ask(str(sys.ps1))
            raise EOFError
        if self.buffer:
            # No more lines come: what is there must do.
            self.write('\n')
            self.push('')
            if self.buffer:
                self.push('\n')
            self.resetbuffer()
            self.ask(str(sys.ps1))
        raise EOFError

    def ask(self, prompt):
        for stream in sys.stdout, sys.stderr:
            try:
                if stream is sys.stderr:
                    stream.write(str(prompt))
                stream.flush()
            except (AttributeError, OSError, ValueError):
                pass


def _startup(namespace, console):
    """The file that the user wants run before."""
    import os
    path = not sys.flags.ignore_environment and os.environ.get('PYTHONSTARTUP')
    if path:
        try:
            with open(path, 'rb') as file:
                code = compile(file.read(), path, 'exec')
        except OSError as error:
            print(f'Could not open PYTHONSTARTUP\n{type(error).__name__}: {error}', file=sys.stderr)
        except SyntaxError:
            console.showsyntaxerror(path)
        else:
            console.runcode(code)


def run(namespace, banner, startup):
    console = Console(namespace)
    if startup:
        _startup(namespace, console)
        hook = getattr(sys, '__interactivehook__', None)
        if hook is not None:
            try:
                hook()
            except Exception:
                print('Failed calling sys.__interactivehook__', file=sys.stderr)
                console.showtraceback()
    console.interact(banner, '')
