import ContraflowCharts
import ExpertBalancing

/// A placement with its measures, in the forms that the command writes.
struct BalanceReport {
    /// Loads that the placement serves.
    struct Workload {
        let name: String
        let loads: ExpertLoads
        /// The best placement for these loads alone, where it has been made.
        let plan: CertifiedPlan?
        let certificates: [LayerCertificate]
    }

    private struct Before {
        let name: String
        let placement: Placement
        let certificates: [LayerCertificate]
    }

    private let workloads: [Workload]
    private let placement: Placement
    private let name: String
    private let slotsPerDevice: [Int]
    private let speeds: [Double]
    private var before: Before?
    private var migration: MigrationPlan?
    private var expertBytes: Int?
    /// The part of the load that is served on another node than its group's, where there are groups and nodes.
    var remoteShare: Double?
    /// Slots that each layer has on every device, where layers differ.
    var slotsOfLayer: [Int]?

    private var loads: ExpertLoads { workloads[0].loads }
    private var certificates: [LayerCertificate] { workloads[0].certificates }

    init(workloads: [Workload], slotsPerDevice: [Int], speeds: [Double], placement: Placement, name: String) {
        self.workloads = workloads
        self.placement = placement
        self.name = name
        self.slotsPerDevice = slotsPerDevice
        self.speeds = speeds
    }

    /// Shows the present placement beside the new one, and the way there.
    mutating func compare(
        with current: Placement, name: String, certificates: [LayerCertificate], expertBytes: Int?
    ) {
        before = Before(name: name, placement: current, certificates: certificates)
        migration = MigrationPlan(from: current, to: placement)
        self.expertBytes = expertBytes
    }

    /// Shows experts in order, one slot each, beside the new placement; nothing where the devices do not divide them.
    mutating func compareWithNoReplicas(_ world: DeviceWorld) throws {
        guard loads.expertCount.isMultiple(of: world.deviceCount), Set(world.slotsPerDevice).count == 1 else { return }
        let plain = try Placement(
            layers: [[Int32]](repeating: (0..<Int32(loads.expertCount)).map { $0 }, count: loads.layerCount),
            expertCount: loads.expertCount, deviceCount: world.deviceCount)
        let plainWorld = try DeviceWorld(
            slotsPerDevice: [Int](repeating: loads.expertCount / world.deviceCount, count: world.deviceCount),
            speeds: world.speeds)
        before = Before(
            name: "no replicas", placement: plain,
            certificates: try OptimalPolicy(world: plainWorld).certify(plain, for: loads))
    }

    func table() -> String {
        var table = TextTable(
            header: ["placement", "balance", "worst layer", "bound", "gap %", "duplicates"])
        if let before {
            table.rows.append(
                row(before.name, before.certificates, before.placement.duplicateCount, isBound: false))
        }
        for workload in workloads {
            if workloads.count > 1, let plan = workload.plan {
                table.rows.append(
                    row("\(workload.name) alone", plan.certificates, plan.placement.duplicateCount, isBound: true))
            }
        }
        for workload in workloads {
            table.rows.append(
                row(
                    workloads.count > 1 ? "\(workload.name) \(name)" : name, workload.certificates,
                    placement.duplicateCount, isBound: true))
        }
        var text = table.render()
        if let remoteShare {
            text += "\(fixed(100 * remoteShare, 1)) % of the load is served remote from its group's node\n"
        }
        if let slotsOfLayer {
            let counts = Dictionary(grouping: slotsOfLayer.indices, by: { slotsOfLayer[$0] })
            let parts = counts.keys.sorted().map { slots in
                let count = counts[slots]?.count ?? 0
                return "\(count) \(count == 1 ? "layer has" : "layers have") \(slots)"
            }
            text += "\(slotsOfLayer.reduce(0, +)) slots a device: \(parts.joined(separator: ", "))\n"
        }
        if let migration {
            let share = 100 * Double(migration.copies.count) / Double(max(placement.experts.count, 1))
            text +=
                "\(migration.copies.count) copies (\(fixed(share, 1)) % of slots) in \(migration.rounds.count) rounds"
            if let expertBytes { text += ", \(bytes(migration.copies.count, expertBytes)) bytes" }
            text += "\n"
        }
        return text
    }

    private func bytes(_ copies: Int, _ each: Int) -> String {
        let (product, overflow) = copies.multipliedReportingOverflow(by: each)
        return overflow ? "\(Double(copies) * Double(each))" : "\(product)"
    }

    private func chart() -> BalanceChart {
        var sides: [BalanceChart.Side] = []
        if let before { sides.append(BalanceChart.Side(name: before.name, placement: before.placement)) }
        sides.append(BalanceChart.Side(name: name, placement: placement))
        return BalanceChart(title: pictureTitle, loads: loads, sides: sides, speeds: speeds)
    }

    private var pictureTitle: String {
        "\(loads.expertCount) experts on \(placement.deviceCount) devices, \(placement.slotCount) slots"
    }

    func svg() -> String { chart().svg() }

    func html() -> String {
        var header = ["layer"]
        if let before { header.append("balance, \(before.name)") }
        header += ["balance, \(name)", "bound", "gap %", "experts with replicas (number)"]
        let rows = certificates.indices.filter { certificates[$0].longestTime > 0 }.map { layer -> [String] in
            var cells = ["\(layer)"]
            if let before { cells.append(fixed(before.certificates[layer].balance, 4)) }
            let counts = placement.replicaCounts(ofLayer: layer)
            let replicated = counts.indices.filter { counts[$0] > 1 }.sorted {
                counts[$0] != counts[$1] ? counts[$0] > counts[$1] : $0 < $1
            }
            let certificate = certificates[layer]
            return cells + [
                fixed(certificate.balance, 4), fixed(certificate.balanceBound, 4), fixed(100 * certificate.gap, 2),
                replicated.prefix(12).map { "\($0) (\(counts[$0]))" }.joined(separator: ", ")
                    + (replicated.count > 12 ? ", \(replicated.count - 12) more" : ""),
            ]
        }
        return ChartPage(title: pictureTitle, svg: svg(), header: header, rows: rows).html()
    }

    func json() -> String {
        let maps = ReplicaMaps(placement)
        var parts = [
            "\"version\": 1", "\"policy\": \(JSONText.string(name))",
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
        if let remoteShare { parts.append("\"remote_share\": \(remoteShare)") }
        if let slotsOfLayer { parts.append("\"slots_of_layer\": \(list(slotsOfLayer))") }
        if workloads.count > 1 {
            parts.append(
                "\"workloads\": "
                    + list(
                        workloads.map { workload in
                            let own = Self.loaded(workload.certificates)
                            let alone = workload.plan.map { mean(Self.loaded($0.certificates), \.balance) } ?? 1
                            return
                                "{\"name\": \(JSONText.string(workload.name)), \"balance\": \(mean(own, \.balance)), "
                                + "\"balance_alone\": \(alone), \"balance_bound\": \(mean(own, \.balanceBound))}"
                        }))
        }
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
