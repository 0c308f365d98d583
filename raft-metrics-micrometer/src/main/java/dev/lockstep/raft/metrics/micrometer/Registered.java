package dev.lockstep.raft.metrics.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Meters with the same tags, which come and go together. */
final class Registered {
    private final MeterRegistry registry;
    private final Tags tags;
    private final boolean histograms;
    private volatile boolean removed;
    private final Set<Meter> meters = ConcurrentHashMap.newKeySet();

    Registered(MeterRegistry registry, Tags tags, boolean histograms) {
        this.registry = registry;
        this.tags = tags;
        this.histograms = histograms;
    }

    Timer timer(String name, String description, String... more) {
        return kept(
                Timer.builder(name)
                        .description(description)
                        .tags(tags.and(more))
                        .publishPercentileHistogram(histograms)
                        .register(registry));
    }

    DistributionSummary summary(String name, String unit, String description) {
        return kept(
                DistributionSummary.builder(name)
                        .baseUnit(unit)
                        .description(description)
                        .tags(tags)
                        .publishPercentileHistogram(histograms)
                        .register(registry));
    }

    Counter counter(String name, String description, String... more) {
        return kept(
                Counter.builder(name)
                        .description(description)
                        .tags(tags.and(more))
                        .register(registry));
    }

    /** The registry would forget a value that nobody else refers to. */
    void gauge(String name, String description, Supplier<Number> value) {
        Gauge unused =
                kept(
                        Gauge.builder(name, value)
                                .description(description)
                                .tags(tags)
                                .strongReference(true)
                                .register(registry));
    }

    private <M extends Meter> M kept(M meter) {
        meters.add(meter);
        if (removed) { // too late: nobody would remove it
            Meter unused = registry.remove(meter);
        }
        return meter;
    }

    /** For good. */
    void removeAll() {
        removed = true;
        for (Meter meter : meters) {
            Meter unused = registry.remove(meter);
        }
        meters.clear();
    }
}
