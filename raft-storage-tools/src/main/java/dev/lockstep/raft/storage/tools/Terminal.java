package dev.lockstep.raft.storage.tools;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Where a command speaks with its operator. */
final class Terminal {
    private final BufferedReader in;
    private final PrintWriter out;

    Terminal(BufferedReader in, PrintWriter out) {
        this.in = in;
        this.out = out;
    }

    void say(String format, @Nullable Object... values) {
        out.printf(Locale.ROOT, format + "%n", values);
        out.flush();
    }

    /**
     * Returns when the operator has agreed to what was said.
     *
     * @param yes whether that was done in advance
     * @throws Refused when it wasn't agreed to
     */
    void ask(boolean yes) throws IOException {
        if (yes) {
            return;
        }
        out.print("Type yes to go on: ");
        out.flush();
        String answer = in.readLine();
        if (answer == null || !answer.strip().equals("yes")) {
            throw new Refused("not agreed to; nothing was changed");
        }
    }
}
