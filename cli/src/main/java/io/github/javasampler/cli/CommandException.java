package io.github.javasampler.cli;

/// A command cannot do what was asked: its message is the one line of reason.
final class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CommandException(String message) {
        super(message);
    }
}
