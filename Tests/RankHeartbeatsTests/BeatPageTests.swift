import Foundation
import PipelineActions
import RankHeartbeats
import Testing

@Suite("Pages of heartbeats") struct BeatPageTests {
    @Test("Another mapping of the file reads what a rank publishes") func sharedFile() throws {
        let file = try HeartbeatFile.create(worldSize: 3)
        let other = try HeartbeatFile.open(file.path, worldSize: 3)
        let page = file.pages[1]
        page.identify()
        page.begin(step: 7, .training)
        page.begin(Action(.forward, stage: 2, microbatch: 5))
        page.begin(segment: page.addName("attention F"))
        let group = page.addGroup([1, 2])
        page.beat()
        let working = other.pages[1].reading(ofRank: 1)
        #expect(working.beats == 1 && working.process == getpid() && !working.host.isEmpty)
        #expect(working.phase == .training && working.step == 7 && working.action == "2F5")
        #expect(working.operation == "attention F" && !working.isWaiting && working.peers.isEmpty)
        page.waiting(RankWait(.allToAll, group: group)) {
            let waiting = other.pages[1].reading(ofRank: 1)
            #expect(waiting.operations > working.operations)
            #expect(waiting.operation == "all-to-all (attention F)" && waiting.peers == [2])
        }
        #expect(other.pages[1].reading(ofRank: 1).peers.isEmpty)
        for rank in [0, 2] { #expect(other.pages[rank].reading(ofRank: rank) == RankBeat()) }
    }

    @Test("A wait for one member names that member's rank", arguments: 0..<3) func members(member: Int) {
        let page = BeatPage(worldSize: 10)
        _ = page.addGroup([0, 1])
        let group = page.addGroup([4, 6, 9])
        page.begin(RankWait(.receive, group: group, member: member))
        #expect(page.reading(ofRank: 0).peers == [[4, 6, 9][member]])
        #expect(page.reading(ofRank: 0).operation == "receive")
    }

    @Test("A new phase has no action, and the phase before returns after it") func phases() {
        let page = BeatPage(worldSize: 1)
        page.begin(step: 3, .training)
        page.begin(Action(.forward, stage: 0))
        page.during(.saving) {
            let beat = page.reading(ofRank: 0)
            #expect(beat.phase == .saving && beat.step == 3 && beat.action.isEmpty)
        }
        #expect(page.phase == .training)
    }

    @Test("Equal names have one number, and long names are shortened at a character") func names() {
        let page = BeatPage(worldSize: 1)
        let long = page.addName(String(repeating: "é", count: 40))
        let number = page.addName("experts F")
        #expect(page.addName("experts F") == number && number != long)
        page.begin(segment: long)
        #expect(page.reading(ofRank: 0).segment == String(repeating: "é", count: 16))
    }

    @Test("Names and groups beyond the tables have no text and no ranks") func fullTables() {
        let page = BeatPage(worldSize: 1)
        for number in 0..<512 { #expect(page.addName("name \(number)") == number + 1) }
        #expect(page.addName("one more") == 0 && page.addName("name 511") == 512)
        var group: UInt32 = 1
        while group != 0 { group = page.addGroup([0, 0, 0]) }
        page.begin(RankWait(.barrier, group: group))
        let beat = page.reading(ofRank: 1)
        #expect(beat.wait == "barrier" && beat.peers.isEmpty)
    }

    @Test("A file of another number of ranks is refused") func wrongSize() throws {
        let file = try HeartbeatFile.create(worldSize: 2)
        #expect(throws: HeartbeatError.self) { try HeartbeatFile.open(file.path, worldSize: 1000) }
        #expect(throws: HeartbeatError.self) { try HeartbeatFile.open("/nowhere", worldSize: 2) }
    }
}
