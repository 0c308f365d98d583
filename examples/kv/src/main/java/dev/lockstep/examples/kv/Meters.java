package dev.lockstep.examples.kv;

import dev.lockstep.raft.metrics.micrometer.MicrometerMetrics;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.node.RaftHost;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/** What a node measures, for Prometheus to fetch. */
final class Meters implements AutoCloseable {
    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final MicrometerMetrics ofHost;

    Meters(NodeId node) {
        ofHost = MicrometerMetrics.builder(registry, node.value()).histograms().build();
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
    }

    /** For the host's builder. */
    MicrometerMetrics ofHost() {
        return ofHost;
    }

    void bind(RaftHost host) {
        ofHost.bind(host);
    }

    /** As Prometheus reads it. */
    String scrape() {
        return registry.scrape();
    }

    @Override
    public void close() {
        ofHost.close();
        registry.close();
    }
}
