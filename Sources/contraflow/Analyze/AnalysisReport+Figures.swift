import ProfilerTraces
import Timelines

extension AnalysisReport {
    /// All figures as JSON, with times in nanoseconds.
    func json() -> String {
        let document: JSONObject = [
            "version": 1, "files": traces.map(\.fileFigures), "findings": run.findings.map(\.figures),
            "total": run.total.figures.adding(["families": run.families.map(\.figures)]),
            "pipeline": pipeline?.figures, "ranks": run.ranks.indices.map(figures),
        ]
        return document.text
    }

    private func figures(ofRankAt index: Int) -> JSONObject {
        let (rank, clock, waiting) = (run.ranks[index], run.clocks[index], run.waiting[index])
        let steps = rank.steps.map { $0.breakdown.figures.adding(["number": $0.number]) }
        let pairs = rank.pairs.map { $0.breakdown.figures.adding(["name": $0.name, "start_ns": $0.start]) }
        return rank.breakdown.figures.adding([
            "rank": rank.rank, "idle_by_cause": rank.idle.figures, "families": rank.families.map(\.figures),
            "ranges": rank.annotations.map(\.figures), "groups": rank.groups.map(\.figures),
            "streams": rank.streams.map(\.figures), "kernels": rank.kernels.map(\.figures), "steps": steps,
            "pairs": pairs, "in_flight": rank.inFlight.map(\.figures), "clock": clock.figures,
            "collectives": waiting.figures, "notes": rank.notes.map(\.figures),
        ])
    }

    /// CSV with one row per rank and times in nanoseconds. The columns of pipeline phases and of causes of
    /// communication are there if the traces have them.
    var csv: String {
        let causes = traces.contains(where: \.sharesClock) ? run.families.map(\.name).sorted() : []
        func row(_ rank: Int, _ breakdown: TimeBreakdown, _ idle: IdleCauses) -> JSONObject {
            (["rank": rank] as JSONObject).adding(breakdown.figures).adding(idle.figures, prefix: "idle_")
        }
        let rows = run.ranks.map { rank in
            let parts = causes.flatMap { cause in
                let part = rank.families.first { $0.name == cause }
                return [String(part?.time ?? 0), String(part?.exposed ?? 0)]
            }
            return row(rank.rank, rank.breakdown, rank.idle).cells() + (pipeline?.csvCells(ofRank: rank.rank) ?? [])
                + parts
        }
        let header = row(0, TimeBreakdown(), IdleCauses()).keys + (pipeline == nil ? [] : PipelineReport.csvColumns)
        return csvText([header + causes.flatMap { ["\($0)_ns", "\($0)_exposed_ns"] }])
            + rows.map { $0.joined(separator: ",") + "\n" }.joined()
    }
}

extension TimeBreakdown {
    fileprivate var figures: JSONObject {
        [
            "span_ns": span, "busy_ns": busy, "idle_ns": idle, "compute_ns": compute, "communication_ns": communication,
            "memory_ns": memory, "unknown_ns": unknown, "overlap_ns": overlap, "exposed_ns": exposed,
            "waiting_kernels_ns": waiting,
            "hidden_share": hiddenShare,
        ]
    }
}

extension IdleCauses {
    fileprivate var figures: JSONObject {
        ["host_ns": host, "dependency_ns": dependency, "launch_ns": launch, "unknown_ns": unknown]
    }
}

extension RankTrace {
    fileprivate var fileFigures: JSONObject {
        [
            "path": file.path, "rank": rank, "events": file.eventCount, "is_truncated": file.isTruncated,
            "dropped_events": file.droppedEvents, "unreadable_events": file.unreadableEvents, "device": device,
            "device_number": part?.device, "process": part?.process,
        ]
    }
}

extension TraceNote {
    fileprivate var figures: JSONObject { ["kind": kind.name, "count": count, "time_ns": time, "text": text] }
}

extension Finding {
    fileprivate var figures: JSONObject {
        ["title": title, "rank": rank, "time_ns": time, "share": share, "evidence": evidence]
    }
}

extension CommunicationPart {
    fileprivate var figures: JSONObject {
        [
            "name": name, "count": count, "time_ns": time, "exposed_ns": exposed, "hidden_share": hiddenShare,
            "bytes": bytes, "bus_bytes_per_s": busBandwidth,
        ]
    }
}

extension KernelUse {
    fileprivate var figures: JSONObject {
        [
            "name": name, "class": kind.activity.name, "role": kind.role.name, "family": kind.family, "count": count,
            "time_ns": time, "longest_ns": longest, "exposed_ns": exposed,
        ]
    }
}

extension InFlightExchanges {
    fileprivate var figures: JSONObject {
        ["name": name, "count": count, "time_ns": time, "hidden_ns": hidden, "hidden_share": hiddenShare]
    }
}

extension ClockOffset {
    fileprivate var figures: JSONObject { ["offset_ns": offset, "uncertainty_ns": uncertainty, "matches": matches] }
}

extension RankWaiting {
    fileprivate var figures: JSONObject {
        [
            "matched": matched, "unmatched": unmatched, "waited_ns": waited, "transferred_ns": transferred,
            "straggler_count": stragglerCount,
            "caused_wait_ns": causedWait,
        ]
    }
}
