import CIGZip
import Foundation
import PipelineSchedules
import SchedulePlanning
import Timelines

/// An action of a training run's timeline, or a part of one.
struct MeasuredSpan {
    let stage: Int
    let microbatch: Int
    let label: TimelineLabel
    let rank: Int
    /// Nanoseconds.
    let start: Int64
    let duration: Int64

    /// What actions and their parts compute in a run's timeline, gzipped JSON of complete events.
    static func all(in path: String) throws -> [MeasuredSpan] {
        struct File: Decodable {
            struct Event: Decodable {
                let ph: String
                let pid: Int?
                let name: String?
                let cat: String?
                let ts: Double?
                let dur: Double?
                let args: Place?
            }
            struct Place: Decodable {
                let stage: Int?
                let microbatch: Int?
            }
            let traceEvents: [Event]
        }
        let bytes = try unpacked(try readFile(path), path)
        guard let file = try? JSONDecoder().decode(File.self, from: Data(bytes)) else {
            throw CommandError("\(path): is no timeline of a run: it is JSON with traceEvents")
        }
        let longest = 9e15
        return file.traceEvents.compactMap { event in
            guard event.ph == "X", let rank = event.pid, rank >= 0, let start = event.ts, let duration = event.dur,
                start.magnitude < longest / 1e3, duration >= 0, duration < longest / 1e3, let label = label(of: event),
                let stage = label.stage, let microbatch = label.microbatch
            else { return nil }
            return MeasuredSpan(
                stage: stage, microbatch: microbatch, label: label, rank: rank, start: Int64((start * 1e3).rounded()),
                duration: Int64((duration * 1e3).rounded()))
        }
        func label(of event: File.Event) -> TimelineLabel? {
            guard let name = event.name else { return nil }
            if let action = Action(name: name) { return action.kind.isCompute ? action.timelineLabel : nil }
            guard event.cat == "compute" else { return nil }
            return TimelineLabel(
                name: name, activity: .compute, stage: event.args?.stage, microbatch: event.args?.microbatch)
        }
    }

    private static func unpacked(_ packed: [UInt8], _ path: String) throws -> [UInt8] {
        let state = UnsafeMutablePointer<inflate_state>.allocate(capacity: 1)
        defer { state.deallocate() }
        isal_inflate_init(state)
        state.pointee.crc_flag = UInt32(ISAL_GZIP)
        var packed = packed
        var result: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        let isWhole = packed.withUnsafeMutableBufferPointer { packed in
            state.pointee.next_in = packed.baseAddress
            state.pointee.avail_in = UInt32(clamping: packed.count)
            return chunk.withUnsafeMutableBufferPointer { chunk in
                while true {
                    state.pointee.next_out = chunk.baseAddress
                    state.pointee.avail_out = UInt32(chunk.count)
                    guard isal_inflate(state) == ISAL_DECOMP_OK else { return false }
                    let produced = chunk.count - Int(state.pointee.avail_out)
                    result.append(contentsOf: chunk.prefix(produced))
                    if state.pointee.block_state == ISAL_BLOCK_FINISH { return true }
                    if produced == 0 || result.count > 1 << 30 { return false }
                }
            }
        }
        guard isWhole else { throw CommandError("\(path): is not gzip, or was cut short") }
        return result
    }
}

extension Action {
    /// The action that a label such as `0F4` names, the whole of it.
    fileprivate init?(name: String) {
        let bytes = Array(name.utf8)
        self.init(cell: bytes.span)
    }
}
