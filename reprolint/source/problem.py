"""What is wrong with a file that cannot be summarised."""


class SyntaxProblem(Exception):
    """The text is not Python 3, or not text at all."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line
        self.message = message

    def __reduce__(self) -> tuple[type["SyntaxProblem"], tuple[int, str]]:
        return SyntaxProblem, (self.line, self.message)
