import ExpertBalancing
import Foundation

extension BalanceReport {
    private struct Document: Encodable {
        let version = 1
        let policy: String
        let shape: Shape
        let measures: Measures
        let physicalToLogicalMap: [[Int32]]
        let logicalToPhysicalMap: [[[Int32]]]
        let expertCount: [[Int32]]
        let migration: Migration?
    }

    private struct Shape: Encodable {
        let layers: Int
        let experts: Int
        let slotsPerDevice: [Int]
    }

    private struct Measures: Encodable {
        let balance: Double
        let balanceBefore: Double?
        let balanceBound: Double
        let duplicates: Int
        let layers: [Layer]
        let remoteShare: Double?
        let slotsOfLayer: [Int]?
        let workloads: [Workload]?
    }

    private struct Layer: Encodable {
        let balance: Double
        let balanceBound: Double
        let longestLoad: Double
        let lowerBound: Double
    }

    private struct Workload: Encodable {
        let name: String
        let balance: Double
        let balanceAlone: Double
        let balanceBound: Double
    }

    private struct Migration: Encodable {
        let columns = ["layer", "source", "target", "expert", "slot"]
        let copies: [[Int]]
        let rounds: [[Int]]
        let bytesPerLink: [[Int]]?
    }

    /// All maps and measures.
    func json() throws -> String {
        let maps = ReplicaMaps(placement)
        return try JSONOutput.text(
            Document(
                policy: comparison.policy,
                shape: Shape(
                    layers: placement.layerCount, experts: placement.expertCount,
                    slotsPerDevice: (0..<placement.deviceCount).map { placement.slots(ofDevice: $0).count }),
                measures: measures, physicalToLogicalMap: physicalMap,
                logicalToPhysicalMap: rows(maps.logicalToPhysical, maps.expertCount * maps.width).map {
                    rows($0, maps.width)
                },
                expertCount: rows(maps.replicaCounts, maps.expertCount), migration: migration))
    }

    /// Nothing but the map: SGLang takes no other key beside it.
    func sglang() throws -> String { try JSONOutput.text(["physical_to_logical_map": physicalMap]) }

    private var physicalMap: [[Int32]] { rows(placement.experts, placement.slotCount) }

    private func rows(_ values: [Int32], _ width: Int) -> [[Int32]] {
        stride(from: 0, to: values.count, by: width).map { Array(values[$0..<$0 + width]) }
    }

    private var measures: Measures {
        let loaded = Self.loaded(plan.certificates)
        return Measures(
            balance: Self.mean(loaded, \.balance),
            balanceBefore: comparison.baseline.map { Self.mean(Self.loaded($0.certificates), \.balance) },
            balanceBound: Self.mean(loaded, \.balanceBound), duplicates: placement.duplicateCount,
            layers: plan.certificates.map {
                Layer(
                    balance: $0.balance, balanceBound: $0.balanceBound, longestLoad: $0.longestTime,
                    lowerBound: $0.lowerBound)
            },
            remoteShare: comparison.remoteShare, slotsOfLayer: showsSlots ? placement.usedSlotsPerDevice : nil,
            workloads: workloads.count > 1 ? workloadMeasures : nil)
    }

    private var workloadMeasures: [Workload] {
        names.indices.map { index in
            let own = Self.loaded(plan.certificatesOfWorkload[index])
            return Workload(
                name: names[index], balance: Self.mean(own, \.balance),
                balanceAlone: Self.mean(Self.loaded(plan.best[index].certificates), \.balance),
                balanceBound: Self.mean(own, \.balanceBound))
        }
    }

    private var migration: Migration? {
        guard let plan = comparison.migration else { return nil }
        let links = expertBytes.map { expertBytes in
            plan.bytesPerLink(expertBytes: expertBytes).enumerated().filter { $0.element > 0 }.map {
                [$0.offset / plan.deviceCount, $0.offset % plan.deviceCount, $0.element]
            }
        }
        return Migration(
            copies: plan.copies.map { [$0.layer, $0.source, $0.target, $0.expert, $0.slot] }, rounds: plan.rounds,
            bytesPerLink: links)
    }
}
