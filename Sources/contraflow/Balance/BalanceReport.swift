import ContraflowCharts
import ExpertBalancing

/// A placement with its measures, in all output formats of the command.
struct BalanceReport {
    let comparison: PlacementComparison
    let workloads: [ExpertLoads]
    /// The names of the workloads, in their order.
    let names: [String]
    let speeds: [Double]
    /// Whether the output shows the number of slots of each layer, because layers differ in it.
    let showsSlots: Bool
    let expertBytes: Int?
    /// Doubts about the loads and the current placement, one line each.
    let notes: [String]

    var plan: CertifiedPlan { comparison.plan }
    var placement: Placement { comparison.plan.placement }
    private var loads: ExpertLoads { workloads[0] }

    func table() -> String {
        var table = TextTable(header: ["placement", "balance", "worst layer", "bound", "gap %", "duplicates"])
        if let baseline = comparison.baseline {
            table.rows.append(row(comparison.baselineName, baseline.certificates, baseline.placement, isBound: false))
        }
        if workloads.count > 1 {
            table.rows += zip(names, plan.best).map { row("\($0) alone", $1.certificates, $1.placement) }
        }
        table.rows += zip(names, plan.certificatesOfWorkload).map { name, certificates in
            row(workloads.count > 1 ? "\(name) \(comparison.policy)" : comparison.policy, certificates, placement)
        }
        var text = table.render()
        if let remoteShare = comparison.remoteShare {
            text += "\((100 * remoteShare).decimals(1)) % of the load leaves the node of its group\n"
        }
        if showsSlots {
            let slotsOfLayer = placement.usedSlotsPerDevice
            let counts = Dictionary(slotsOfLayer.map { ($0, 1) }, uniquingKeysWith: +).sorted { $0.key < $1.key }
            let parts = counts.map { "\($0.value) \($0.value == 1 ? "layer has" : "layers have") \($0.key)" }
            text += "\(counted(slotsOfLayer.reduce(0, +), "slot")) per device: \(parts.joined(separator: ", "))\n"
        }
        if let migration = comparison.migration {
            let share = 100 * Double(migration.copies.count) / Double(max(placement.experts.count, 1))
            let (copies, rounds) = (migration.copies.count, migration.rounds.count)
            text +=
                "\(counted(copies, "copy", "copies")) (\(share.decimals(1)) % of slots) in \(counted(rounds, "round"))"
            if let expertBytes {
                let sent = migration.copies.count { $0.source != $0.target }
                text += ", \(bytes(sent, expertBytes)) bytes"
            }
            text += "\n"
            if !migration.restores.isEmpty {
                text +=
                    "\(counted(migration.restores.count, "slot")) read from a checkpoint, because every device with the "
                    + "expert has failed\n"
            }
        }
        return text + Self.text(ofNotes: notes)
    }

    /// The section of a table that shows notes.
    static func text(ofNotes notes: [String]) -> String {
        notes.isEmpty ? "" : "\nnotes on these figures\n" + notes.map { "- \($0)\n" }.joined()
    }

    private func bytes(_ copies: Int, _ each: Int) -> String {
        let (product, overflow) = copies.multipliedReportingOverflow(by: each)
        return overflow ? "\(Double(copies) * Double(each))" : "\(product)"
    }

    private var pictureTitle: String {
        "\(counted(loads.expertCount, "expert")) on \(counted(placement.deviceCount, "device")), "
            + counted(placement.slotCount, "slot")
    }

    func svg() -> String { chart.svg() }

    private var chart: BalanceChart {
        var sides = [BalanceChart.Side(name: comparison.policy, placement: placement)]
        if let baseline = comparison.baseline {
            sides.insert(BalanceChart.Side(name: comparison.baselineName, placement: baseline.placement), at: 0)
        }
        return BalanceChart(title: pictureTitle, loads: loads, sides: sides, speeds: speeds)
    }

    /// The figures that a reader looks for first.
    private var headline: [(name: String, value: String)] {
        let loaded = Self.loaded(plan.certificates)
        var figures = [
            ("balance", Self.mean(loaded, \.balance).decimals(4)),
            ("worst layer", (loaded.map(\.balance).min() ?? 1).decimals(4)),
        ]
        if let baseline = comparison.baseline {
            let balance = Self.mean(Self.loaded(baseline.certificates), \.balance)
            figures.append(("balance, \(comparison.baselineName)", balance.decimals(4)))
        }
        figures += [
            ("bound of the balance", Self.mean(loaded, \.balanceBound).decimals(4)),
            ("gap to the bound", (100 * Self.mean(loaded, \.gap)).decimals(2) + " %"),
        ]
        if let migration = comparison.migration { figures.append(("copies", "\(migration.copies.count)")) }
        return figures
    }

    func html() -> String {
        var header = ["layer"]
        if comparison.baseline != nil { header.append("balance, \(comparison.baselineName)") }
        header += ["balance, \(comparison.policy)", "bound", "gap %", "experts with replicas (number)"]
        let certificates = plan.certificates
        let rows = certificates.indices.filter { certificates[$0].longestTime > 0 }.map { layer -> [String] in
            var cells = ["\(layer)"]
            if let baseline = comparison.baseline { cells.append(baseline.certificates[layer].balance.decimals(4)) }
            let counts = placement.replicaCounts(ofLayer: layer)
            let replicated = counts.indices.filter { counts[$0] > 1 }.sorted {
                counts[$0] != counts[$1] ? counts[$0] > counts[$1] : $0 < $1
            }
            let certificate = certificates[layer]
            return cells + [
                certificate.balance.decimals(4), certificate.balanceBound.decimals(4),
                (100 * certificate.gap).decimals(2),
                replicated.prefix(12).map { "\($0) (\(counts[$0]))" }.joined(separator: ", ")
                    + (replicated.count > 12 ? ", \(replicated.count - 12) more" : ""),
            ]
        }
        let name = fileName(names[0])
        return ChartPage(
            title: "\(name) – Contraflow balance", heading: name,
            subtitle: ([pictureTitle] + notes).joined(separator: "; "),
            figures: headline,
            picture: .balance(chart), header: header, rows: rows
        ).html()
    }

    private func row(
        _ name: String, _ certificates: [LayerCertificate], _ placement: Placement, isBound: Bool = true
    ) -> [String] {
        let loaded = Self.loaded(certificates)
        return [
            name, Self.mean(loaded, \.balance).decimals(4), (loaded.map(\.balance).min() ?? 1).decimals(4),
            isBound ? Self.mean(loaded, \.balanceBound).decimals(4) : "",
            isBound ? (100 * Self.mean(loaded, \.gap)).decimals(2) : "", "\(placement.duplicateCount)",
        ]
    }

    /// The certificates of the layers that have load. Dense layers, which have none, do not count in means.
    static func loaded(_ certificates: [LayerCertificate]) -> [LayerCertificate] {
        certificates.filter { $0.longestTime > 0 }
    }

    static func mean(_ certificates: [LayerCertificate], _ value: (LayerCertificate) -> Double) -> Double {
        certificates.isEmpty ? 1 : certificates.reduce(0) { $0 + value($1) } / Double(certificates.count)
    }
}
