import ProfilerTraces
import Timelines

extension AnalysisReport {
    /// Everything, times in nanoseconds; only what is a ratio is not.
    var json: String {
        let ranks = zip(run.ranks.indices, run.ranks).map { index, rank in
            JSONText.object(
                [("rank", String(rank.rank))] + members(rank.breakdown)
                    + [
                        (
                            "idle_by_cause",
                            JSONText.object([
                                ("host_ns", String(rank.idle.host)), ("dependency_ns", String(rank.idle.dependency)),
                                ("launch_ns", String(rank.idle.launch)),
                            ])
                        ),
                        ("families", parts(rank.families)), ("ranges", parts(rank.annotations)),
                        ("groups", parts(rank.groups)), ("streams", parts(rank.streams)),
                        ("kernels", kernels(rank.kernels)),
                        (
                            "steps",
                            JSONText.array(
                                rank.steps.map {
                                    JSONText.object([("number", String($0.number))] + members($0.breakdown))
                                }, indent: "      ")
                        ),
                        (
                            "pairs",
                            JSONText.array(
                                rank.pairs.map {
                                    JSONText.object(
                                        [("name", JSONText.string($0.name)), ("start_ns", String($0.start))]
                                            + members($0.breakdown))
                                }, indent: "      ")
                        ),
                        ("in_flight", inFlight(rank.inFlight)),
                        (
                            "clock",
                            JSONText.object([
                                ("offset_ns", String(run.clocks[index].offset)),
                                ("uncertainty_ns", JSONText.number(run.clocks[index].uncertainty)),
                                ("matches", String(run.clocks[index].matches)),
                            ])
                        ),
                        (
                            "collectives",
                            JSONText.object([
                                ("waited_ns", String(run.waiting[index].waited)),
                                ("transferred_ns", String(run.waiting[index].transferred)),
                                ("times_last", String(run.waiting[index].timesLast)),
                                ("kept_others_ns", String(run.waiting[index].keptOthers)),
                            ])
                        ),
                    ])
        }
        let files = traces.map {
            JSONText.object([
                ("path", JSONText.string($0.path)), ("rank", String($0.rank)), ("events", String($0.eventCount)),
                ("is_cut", String($0.isCut)), ("left_out", String($0.leftOut)),
                ("device", $0.device.map(JSONText.string) ?? "null"),
            ])
        }
        let findings = findings.map {
            JSONText.object([
                ("title", JSONText.string($0.title)), ("rank", $0.rank.map { String($0) } ?? "null"),
                ("time_ns", String($0.time)), ("share", JSONText.number($0.share)),
                ("evidence", "[" + $0.evidence.map(JSONText.string).joined(separator: ", ") + "]"),
            ])
        }
        return """
            {"version": 1,
              "files": \(JSONText.array(files, indent: "    ")),
              "total": \(JSONText.object(members(run.total) + [("families", parts(run.families))])),
              "pipeline": \(pipeline?.json ?? "null"),
              "findings": \(JSONText.array(findings, indent: "    ")),
              "ranks": \(JSONText.array(ranks, indent: "    "))}

            """
    }

    /// One row a rank, times in nanoseconds; a timeline's causes of communication and a pipeline's phases where the
    /// traces have them.
    var csv: String {
        let isRecorded = traces.contains { $0.sharesClock }
        let causes = isRecorded ? run.families.map(\.name).sorted() : []
        let rows = run.ranks.map { rank in
            let cells = members(rank.breakdown).map { $0.1 == "null" ? "" : $0.1 }
            let idle = [rank.idle.host, rank.idle.dependency, rank.idle.launch].map { String($0) }
            let parts = causes.flatMap { cause in
                let part = rank.families.first { $0.name == cause }
                return [String(part?.time ?? 0), String(part?.exposed ?? 0)]
            }
            let phases = pipeline?.cells(ofRank: rank.rank) ?? []
            return ([String(rank.rank)] + cells + idle + phases + parts).joined(separator: ",")
        }
        let header =
            ["rank"] + members(TimeBreakdown()).map(\.0) + ["idle_host_ns", "idle_dependency_ns", "idle_launch_ns"]
            + (pipeline == nil ? [] : PipelineReport.columns)
            + causes.flatMap { [csvCell("\($0)_ns"), csvCell("\($0)_exposed_ns")] }
        return ([header.joined(separator: ",")] + rows).joined(separator: "\n") + "\n"
    }

    private func members(_ breakdown: TimeBreakdown) -> [(String, String)] {
        [
            ("span_ns", String(breakdown.span)), ("busy_ns", String(breakdown.busy)),
            ("idle_ns", String(breakdown.idle)), ("compute_ns", String(breakdown.compute)),
            ("communication_ns", String(breakdown.communication)), ("memory_ns", String(breakdown.memory)),
            ("overlap_ns", String(breakdown.overlap)), ("exposed_ns", String(breakdown.exposed)),
            ("waiting_kernels_ns", String(breakdown.waiting)),
            ("hidden_share", JSONText.number(breakdown.hiddenShare)),
        ]
    }

    private func parts(_ parts: [CommunicationPart]) -> String {
        JSONText.array(
            parts.map {
                JSONText.object([
                    ("name", JSONText.string($0.name)), ("count", String($0.count)), ("time_ns", String($0.time)),
                    ("exposed_ns", String($0.exposed)), ("hidden_share", JSONText.number($0.hiddenShare)),
                    ("bytes", JSONText.number($0.bytes)), ("bus_bytes_per_s", JSONText.number($0.busBandwidth)),
                ])
            }, indent: "      ")
    }

    private func inFlight(_ exchanges: [InFlightExchanges]) -> String {
        JSONText.array(
            exchanges.map {
                JSONText.object([
                    ("name", JSONText.string($0.name)), ("count", String($0.count)), ("time_ns", String($0.time)),
                    ("hidden_ns", String($0.hidden)), ("hidden_share", JSONText.number($0.hiddenShare)),
                ])
            }, indent: "      ")
    }

    private func kernels(_ kernels: [KernelUse]) -> String {
        JSONText.array(
            kernels.map {
                JSONText.object([
                    ("name", JSONText.string($0.name)), ("class", JSONText.string($0.kind.activity.name)),
                    ("role", JSONText.string($0.kind.role.name)), ("family", JSONText.string($0.kind.family)),
                    ("count", String($0.count)), ("time_ns", String($0.time)), ("longest_ns", String($0.longest)),
                    ("exposed_ns", String($0.exposed)),
                ])
            }, indent: "      ")
    }
}
