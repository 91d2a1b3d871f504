import ExpertBalancing

/// A placement with its measures, in the forms that the command writes.
struct BalanceReport {
    private let loads: ExpertLoads
    private let placement: Placement
    private let certificates: [LayerCertificate]
    private let before: (name: String, certificates: [LayerCertificate], duplicates: Int)?
    private let migration: MigrationPlan?
    private let policy: String
    private let expertBytes: Int?
    private let slotsPerDevice: [Int]

    init(
        loads: ExpertLoads, world: DeviceWorld, groupCount: Int?, placement: Placement, current: Placement?,
        policy: String, expertBytes: Int?
    ) throws {
        self.loads = loads
        self.placement = placement
        self.policy = policy
        self.expertBytes = expertBytes
        slotsPerDevice = world.slotsPerDevice
        let judge = try OptimalPolicy(world: world, groupCount: groupCount)
        certificates = try judge.certify(placement, for: loads)
        if let current {
            before = ("current", try judge.certify(current, for: loads), current.duplicateCount)
            migration = MigrationPlan(from: current, to: placement)
        } else {
            migration = nil
            if loads.expertCount.isMultiple(of: world.deviceCount), Set(world.slotsPerDevice).count == 1 {
                let plain = try Placement(
                    layers: [[Int32]](
                        repeating: (0..<Int32(loads.expertCount)).map { $0 }, count: loads.layerCount),
                    expertCount: loads.expertCount, deviceCount: world.deviceCount)
                let plainWorld = try DeviceWorld(
                    slotsPerDevice: [Int](
                        repeating: loads.expertCount / world.deviceCount, count: world.deviceCount),
                    speeds: world.speeds)
                before = ("no replicas", try OptimalPolicy(world: plainWorld).certify(plain, for: loads), 0)
            } else {
                before = nil
            }
        }
    }

    func table() -> String {
        var table = TextTable(
            header: ["placement", "balance", "worst layer", "bound", "gap %", "duplicates"])
        if let before { table.rows.append(row(before.name, before.certificates, before.duplicates, isBound: false)) }
        table.rows.append(row(policy, certificates, placement.duplicateCount, isBound: true))
        var text = table.render()
        if let migration {
            let share = 100 * Double(migration.copies.count) / Double(max(placement.experts.count, 1))
            text +=
                "\(migration.copies.count) copies (\(fixed(share, 1)) % of slots) in \(migration.rounds.count) rounds"
            if let expertBytes { text += ", \(migration.copies.count * expertBytes) bytes" }
            text += "\n"
        }
        return text
    }

    func json() -> String {
        let maps = ReplicaMaps(placement)
        var parts = [
            "\"version\": 1", "\"policy\": \"\(policy)\"",
            "\"shape\": {\"layers\": \(placement.layerCount), \"experts\": \(placement.expertCount), "
                + "\"slots_per_device\": \(list(slotsPerDevice))}",
            measures(),
            "\"physical_to_logical_map\": \(physicalMap())",
            "\"logical_to_physical_map\": "
                + nested(maps.logicalToPhysical, maps.layerCount) { row in
                    list(
                        stride(from: row.startIndex, to: row.endIndex, by: maps.width).map {
                            list(row[$0..<$0 + maps.width])
                        })
                },
            "\"expert_count\": \(nested(maps.replicaCounts, maps.layerCount) { list($0) })",
        ]
        if let migration { parts.append("\"migration\": \(self.migration(migration))") }
        return "{" + parts.joined(separator: ",\n ") + "}\n"
    }

    /// Nothing but the map: SGLang takes no other key beside it.
    func sglang() -> String { "{\"physical_to_logical_map\": \(physicalMap())}\n" }

    /// TensorRT-LLM's load-balancer file; layers without load have no experts.
    func tensorRT() -> String {
        var text = "num_slots: \(placement.slotCount)\ninitial_global_assignments:\n"
        for layer in 0..<placement.layerCount where loads.total(ofLayer: layer) > 0 {
            text += "  \(layer): \(list(placement.experts(ofLayer: layer)))\n"
        }
        return text + "layer_updates_per_iter: 0\n"
    }

    private func measures() -> String {
        let loaded = Self.loaded(certificates)
        var parts = [
            "\"balance\": \(mean(loaded, \.balance))", "\"balance_bound\": \(mean(loaded, \.balanceBound))",
            "\"duplicates\": \(placement.duplicateCount)",
            "\"layers\": "
                + list(
                    certificates.map {
                        "{\"balance\": \($0.balance), \"balance_bound\": \($0.balanceBound), "
                            + "\"longest_load\": \($0.longestTime), \"lower_bound\": \($0.lowerBound)}"
                    }),
        ]
        if let before {
            parts.insert("\"balance_before\": \(mean(Self.loaded(before.certificates), \.balance))", at: 1)
        }
        return "\"measures\": {\(parts.joined(separator: ", "))}"
    }

    private func migration(_ plan: MigrationPlan) -> String {
        let copies = plan.copies.map { list([$0.layer, $0.source, $0.target, $0.expert, $0.slot]) }
        var parts = [
            "\"columns\": [\"layer\", \"source\", \"target\", \"expert\", \"slot\"]", "\"copies\": \(list(copies))",
            "\"rounds\": \(list(plan.rounds.map { list($0) }))",
        ]
        if let expertBytes {
            let bytes = plan.bytesPerLink(expertBytes: expertBytes)
            let links = bytes.indices.filter { bytes[$0] > 0 }.map {
                list([$0 / plan.deviceCount, $0 % plan.deviceCount, bytes[$0]])
            }
            parts.append("\"bytes_per_link\": \(list(links))")
        }
        return "{\(parts.joined(separator: ", "))}"
    }

    private func physicalMap() -> String { nested(placement.experts, placement.layerCount) { list($0) } }

    private func nested(_ values: [Int32], _ layers: Int, _ render: (ArraySlice<Int32>) -> String) -> String {
        let width = values.count / max(layers, 1)
        return list((0..<layers).map { render(values[$0 * width..<($0 + 1) * width]) })
    }

    private func list(_ values: some Sequence<some CustomStringConvertible>) -> String {
        "[" + values.map(\.description).joined(separator: ", ") + "]"
    }

    private func row(
        _ name: String, _ certificates: [LayerCertificate], _ duplicates: Int, isBound: Bool
    ) -> [String] {
        let loaded = Self.loaded(certificates)
        return [
            name, fixed(mean(loaded, \.balance), 4), fixed(loaded.map(\.balance).min() ?? 1, 4),
            isBound ? fixed(mean(loaded, \.balanceBound), 4) : "", isBound ? fixed(100 * mean(loaded, \.gap), 2) : "",
            String(duplicates),
        ]
    }

    /// The layers that have load: dense layers of a model count nothing.
    private static func loaded(_ certificates: [LayerCertificate]) -> [LayerCertificate] {
        certificates.filter { $0.longestTime > 0 }
    }

    private func mean(_ certificates: [LayerCertificate], _ value: (LayerCertificate) -> Double) -> Double {
        certificates.isEmpty ? 1 : certificates.reduce(0) { $0 + value($1) } / Double(certificates.count)
    }
}

/// A number with so many decimals.
func fixed(_ value: Double, _ decimals: Int) -> String {
    let scale = (0..<decimals).reduce(1) { product, _ in product * 10 }
    let scaled = Int((value * Double(scale)).rounded())
    let fraction = String(scaled % scale)
    return "\(scaled / scale)." + String(repeating: "0", count: decimals - fraction.count) + fraction
}
