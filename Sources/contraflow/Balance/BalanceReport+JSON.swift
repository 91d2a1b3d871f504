import ExpertBalancing

extension BalanceReport {
    /// The placement's maps and measures as JSON.
    func json() -> String {
        let maps = comparison.maps
        let width = maps.width
        let shape: JSONObject = [
            "layers": placement.layerCount, "experts": placement.expertCount,
            "slots_per_device": placement.slotsPerDevice,
        ]
        let document: JSONObject = [
            "version": 1, "policy": comparison.policy, "shape": shape, "measures": measures,
            "physical_to_logical_map": rows(placement.experts, placement.slotCount),
            "logical_to_physical_map": rows(maps.logicalToPhysical, maps.expertCount * width).map { rows($0, width) },
            "expert_count": rows(maps.replicaCounts, maps.expertCount), "migration": migration,
            "notes": notes.isEmpty ? nil : notes,
        ]
        return document.withoutNulls.text
    }

    private func rows(_ values: [Int32], _ width: Int) -> [[Int32]] {
        stride(from: 0, to: values.count, by: width).map { Array(values[$0..<$0 + width]) }
    }

    private var measures: JSONObject {
        let loaded = Self.loaded(plan.certificates)
        let measures: JSONObject = [
            "balance": Self.mean(loaded, \.balance),
            "balance_before": comparison.baseline.map { Self.mean(Self.loaded($0.certificates), \.balance) },
            "balance_bound": Self.mean(loaded, \.balanceBound), "duplicates": placement.duplicateCount,
            "layers": plan.certificates.map {
                [
                    "balance": $0.balance, "balance_bound": $0.balanceBound, "longest_load": $0.longestTime,
                    "lower_bound": $0.lowerBound,
                ] as JSONObject
            },
            "remote_share": comparison.remoteShare, "slots_of_layer": showsSlots ? placement.usedSlotsPerDevice : nil,
            "workloads": workloads.count > 1 ? names.indices.map(self.measures(ofWorkload:)) : nil,
        ]
        return measures.withoutNulls
    }

    private func measures(ofWorkload index: Int) -> JSONObject {
        let own = Self.loaded(plan.certificatesOfWorkload[index])
        return [
            "name": names[index], "balance": Self.mean(own, \.balance),
            "balance_alone": Self.mean(Self.loaded(plan.best[index].certificates), \.balance),
            "balance_bound": Self.mean(own, \.balanceBound),
        ]
    }

    private var migration: JSONObject? {
        guard let plan = comparison.migration else { return nil }
        let links = expertBytes.map { expertBytes in
            plan.bytesPerLink(expertBytes: expertBytes).enumerated().filter { $0.element > 0 }.map {
                [$0.offset / plan.deviceCount, $0.offset % plan.deviceCount, $0.element]
            }
        }
        let migration: JSONObject = [
            "columns": ["layer", "source", "target", "expert", "slot"],
            "copies": plan.copies.map { [$0.layer, $0.source, $0.target, $0.expert, $0.slot] }, "rounds": plan.rounds,
            "bytes_per_link": links,
            "restores": plan.restores.isEmpty
                ? nil : plan.restores.map { [$0.layer, $0.target, $0.expert, $0.slot] },
        ]
        return migration.withoutNulls
    }
}
