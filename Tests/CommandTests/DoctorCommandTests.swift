import Foundation
import Testing

@Suite struct DoctorCommandTests {
    @Test("doctor prints the same findings as a table and as JSON") func theMachineIsDescribed() throws {
        let table = try Command("doctor")
        #expect(table.status == 0 && table.errors.isEmpty)
        let names = table.output.split(separator: "\n").map { $0.prefix { $0 != " " } }
        #expect(names.starts(with: ["contraflow", "system", "cores", "memory"]) && names.last == "data")
        let json = try Command("doctor", "--format", "json")
        let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        #expect(object?["version"] as? Int == 1 && object?["training"] is String)
    }
}
