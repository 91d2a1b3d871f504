import ExpertBalancing
import Testing

@Suite struct PlacementTests {
    /// DeepSeek's README example: two layers, 12 experts, 16 replicas on 8 devices.
    private let example: [[Int32]] = [
        [5, 6, 5, 7, 8, 4, 3, 4, 10, 9, 10, 2, 0, 1, 11, 1], [7, 10, 6, 8, 6, 11, 8, 9, 2, 4, 5, 1, 5, 0, 3, 1],
    ]
    private let loads: [Double] = [
        90, 132, 40, 61, 104, 165, 39, 4, 73, 56, 183, 86, 20, 107, 104, 64, 19, 197, 187, 157, 172, 86, 16, 27,
    ]

    @Test("Replicas share their expert's load equally")
    func replicasShareLoads() throws {
        let placement = try Placement(layers: example, expertCount: 12, deviceCount: 8)
        #expect(placement.layerCount == 2 && placement.slotCount == 16 && placement.deviceCount == 8)
        #expect(placement.replicaCounts(ofLayer: 0) == [1, 2, 1, 1, 2, 2, 1, 1, 1, 1, 2, 1])
        let devices = placement.deviceLoads(loads)
        #expect(devices.count == 16)
        #expect(devices[0] == 165.0 / 2 + 39)
        let carried: Double = devices[..<8].reduce(0, +)
        let given: Double = loads[..<12].reduce(0, +)
        #expect(abs(carried - given) < 1e-9)
        let balance = placement.balancedness(loads)
        #expect(balance > 0.8 && balance < 1)
    }

    @Test("Devices may differ in size, and slots may be empty")
    func unequalDevicesAndEmptySlotsAreAllowed() throws {
        let placement = try Placement(experts: [0, 1, -1, 0, 1, 1], expertCount: 2, deviceOffsets: [0, 2, 3])
        #expect(placement.layerCount == 2)
        #expect(placement.slots(ofDevice: 1) == 2..<3)
        #expect(placement.deviceLoads([4, 8, 4, 8]) == [12, 0, 8, 4])
    }

    @Test("A table of slots that is not a placement is refused with the reason")
    func otherTablesAreRefused() {
        func reason(_ layers: [[Int32]], experts: Int, devices: Int) -> PlacementError.Reason? {
            #expect(throws: PlacementError.self) {
                try Placement(layers: layers, expertCount: experts, deviceCount: devices)
            }?.reason
        }
        #expect(reason([[0, 1, 2]], experts: 3, devices: 2) == .slotsNotDivisible(slots: 3, devices: 2))
        #expect(reason([[0, 1]], experts: 0, devices: 2) == .noExperts)
        #expect(reason([[0, 1], [0]], experts: 2, devices: 2) == .ragged(values: 1, slots: 2))
        #expect(reason([[0, 5]], experts: 2, devices: 2) == .unknownExpert(5, layer: 0, slot: 1, expertCount: 2))
        #expect(reason([[0, 1], [0, 0]], experts: 2, devices: 2) == .missingExpert(1, layer: 1))
        #expect(reason([], experts: 2, devices: 2) == .slotsNotDivisible(slots: 0, devices: 2))
        #expect(throws: PlacementError.self) {
            try Placement(experts: [0, 1], expertCount: 2, deviceOffsets: [1, 2])
        }
    }
}
