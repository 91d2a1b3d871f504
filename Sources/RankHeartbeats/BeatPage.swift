import Foundation
package import PipelineActions
import Synchronization

/// The memory in which a rank publishes its state for observers in other threads and processes.
///
/// The rank's own thread publishes with plain stores, without a lock, a clock or an allocation. Segments and groups are
/// numbers; their names and ranks are in tables of the page, so that an observer needs nothing but the page.
///
/// Sendable, because other threads than the rank's only read, except ``beat()``, which the heartbeat's thread calls.
package final class BeatPage: @unchecked Sendable {
    /// The positions of the words. The rank's thread writes the first cache line, the heartbeat's thread the second.
    enum Word: Int {
        case operations, phase, step, action, segment, wait
        case beats = 8
        case process, groupLength
    }

    static let hostOffset = 128
    static let hostLength = 64
    static let namesOffset = 256
    static let nameLength = 32
    static let nameCapacity = 512
    static let groupsOffset = namesOffset + nameLength * nameCapacity

    private let memory: UnsafeMutableRawPointer
    private let words: UnsafeMutablePointer<Atomic<UInt64>>
    /// The owner of the memory.
    private let owner: AnyObject
    let groupCapacity: Int
    /// The numbers of names in the table. Only the rank's thread uses them.
    private var numbers: [String: UInt32] = [:]

    /// Returns the bytes of a page: whole pages of the system.
    package static func size(worldSize: Int) -> Int {
        let bytes = groupsOffset + groupCapacity(worldSize) * MemoryLayout<UInt32>.size
        return (bytes + 4095) / 4096 * 4096
    }

    /// The words of the table of groups. A rank is in few groups, most of them smaller than the world.
    private static func groupCapacity(_ worldSize: Int) -> Int { 32 * (min(worldSize, 1 << 14) + 1) }

    /// - Parameters:
    ///   - memory: Zeros of ``size(worldSize:)`` bytes at first, which `owner` keeps alive.
    init(memory: UnsafeMutableRawPointer, worldSize: Int, owner: AnyObject) {
        self.memory = memory
        self.owner = owner
        words = memory.bindMemory(to: Atomic<UInt64>.self, capacity: 16)
        groupCapacity = Self.groupCapacity(worldSize)
    }

    /// Creates a page that only this process sees.
    package convenience init(worldSize: Int) {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: Self.size(worldSize: worldSize), alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: Self.size(worldSize: worldSize))
        self.init(memory: memory, worldSize: worldSize, owner: Allocation(memory: memory))
    }

    /// Memory that is freed with its last page.
    private final class Allocation {
        private let memory: UnsafeMutableRawPointer

        init(memory: UnsafeMutableRawPointer) { self.memory = memory }

        deinit { memory.deallocate() }
    }

    func load(_ word: Word) -> UInt64 { words[word.rawValue].load(ordering: .acquiring) }

    private func store(_ word: Word, _ value: UInt64) { words[word.rawValue].store(value, ordering: .relaxed) }

    /// Marks the begin or end of an operation. Only the rank's thread writes the number, so that no atomic addition is
    /// needed.
    private func advance() {
        let word = words + Word.operations.rawValue
        word.pointee.store(word.pointee.load(ordering: .relaxed) &+ 1, ordering: .releasing)
    }

    // MARK: Publishing, on the rank's thread

    /// The phase of the rank. A new phase begins without an action.
    package var phase: RankPhase {
        get { RankPhase(rawValue: UInt8(truncatingIfNeeded: load(.phase))) ?? .start }
        set {
            store(.phase, UInt64(newValue.rawValue))
            endActions()
        }
    }

    /// Publishes that the rank has begun a step.
    package func begin(step: Int, _ phase: RankPhase) {
        store(.step, UInt64(step))
        self.phase = phase
    }

    /// Runs `body` in another phase.
    package func during<Result>(_ phase: RankPhase, _ body: () throws -> Result) rethrows -> Result {
        let before = self.phase
        self.phase = phase
        defer { self.phase = before }
        return try body()
    }

    /// Publishes that an action has begun.
    package func begin(_ action: Action) {
        store(.action, action.bits)
        store(.segment, 0)
        advance()
    }

    /// Publishes that a segment, an exchange or a sum has begun. `name` is a number of ``addName(_:)``.
    package func begin(segment name: UInt32) {
        store(.segment, UInt64(name))
        advance()
    }

    /// Publishes that no action runs any more.
    package func endActions() {
        store(.action, 0)
        store(.segment, 0)
        advance()
    }

    package func begin(_ wait: RankWait) {
        store(.wait, wait.bits)
        advance()
    }

    package func endWait() {
        store(.wait, 0)
        advance()
    }

    /// Runs `body` as a wait.
    package func waiting<Result, Failure>(
        _ wait: RankWait, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        begin(wait)
        defer { endWait() }
        return try body()
    }

    // MARK: Publishing, before the first step

    /// Publishes the process and its host.
    package func identify() {
        gethostname((memory + Self.hostOffset).assumingMemoryBound(to: CChar.self), Self.hostLength - 1)
        store(.process, UInt64(getpid()))
    }

    /// Adds a name to the page's table, unless the table has it.
    ///
    /// - Returns: The number of the name; 0, which has no text, if the table is full.
    package func addName(_ name: String) -> UInt32 {
        if let known = numbers[name] { return known }
        let count = numbers.count
        guard count < Self.nameCapacity else { return 0 }
        let bytes = Array(Self.shortened(name).utf8)
        (memory + Self.namesOffset + count * Self.nameLength).copyMemory(from: bytes, byteCount: bytes.count)
        numbers[name] = UInt32(count + 1)
        return UInt32(count + 1)
    }

    /// Returns the beginning of a name that fits in the table.
    private static func shortened(_ name: String) -> String {
        var name = name
        while name.utf8.count > nameLength { name.removeLast() }
        return name
    }

    /// Adds the ranks of a group to the page's table.
    ///
    /// - Returns: The group's number; 0, a group of unknown ranks, if the table is full.
    package func addGroup(_ ranks: [Int]) -> UInt32 {
        let length = Int(load(.groupLength))
        guard length + 1 + ranks.count <= groupCapacity else { return 0 }
        let table = groups
        table[length] = UInt32(ranks.count)
        for (index, rank) in ranks.enumerated() { table[length + 1 + index] = UInt32(rank) }
        store(.groupLength, UInt64(length + 1 + ranks.count))
        return UInt32(length + 1)
    }

    // MARK: Publishing, on the heartbeat's thread

    /// Publishes a heartbeat.
    package func beat() { words[Word.beats.rawValue].wrappingAdd(1, ordering: .relaxed) }

    // MARK: Tables

    private var groups: UnsafeMutablePointer<UInt32> {
        (memory + Self.groupsOffset).assumingMemoryBound(to: UInt32.self)
    }

    /// Returns the ranks of a group; none if the group is unknown.
    func ranks(ofGroup group: UInt32) -> [Int] {
        let start = Int(group)
        guard start > 0, start <= Int(load(.groupLength)), start <= groupCapacity else { return [] }
        let count = min(Int(groups[start - 1]), groupCapacity - start)
        return (0..<count).map { Int(groups[start + $0]) }
    }

    func text(atName index: Int) -> String {
        guard (0..<Self.nameCapacity).contains(index) else { return "" }
        return text(at: Self.namesOffset + index * Self.nameLength, length: Self.nameLength)
    }

    var host: String { text(at: Self.hostOffset, length: Self.hostLength) }

    private func text(at offset: Int, length: Int) -> String {
        String(
            decoding: UnsafeRawBufferPointer(start: memory + offset, count: length).prefix { $0 != 0 }, as: UTF8.self)
    }
}
