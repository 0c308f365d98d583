package dev.lockstep.raft.harness;

import java.util.List;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Skips a class where a program isn't installed, and says so; in CI that is a failure. */
final class RequiredPrograms implements ExecutionCondition {
    private final List<String> programs;

    RequiredPrograms(String... programs) {
        this.programs = List.of(programs);
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        List<String> missing =
                programs.stream().filter(program -> !Programs.isInstalled(program)).toList();
        if (missing.isEmpty()) {
            return ConditionEvaluationResult.enabled("installed");
        }
        String reason = context.getDisplayName() + " needs " + missing + ", not installed here";
        if (Boolean.getBoolean("lockstep.ci")) {
            throw new IllegalStateException(reason);
        }
        System.err.println("skipped: " + reason);
        return ConditionEvaluationResult.disabled(reason);
    }
}
