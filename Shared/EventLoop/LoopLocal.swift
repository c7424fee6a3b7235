import Synchronization

/// One object per loop, made when a loop first asks for it: a connection pool, a libcurl handle.
public struct LoopLocal<Object: AnyObject>: Sendable {
    private let key: Int

    public init() { key = nextKey.add(1, ordering: .relaxed).oldValue }

    public func object(on loop: isolated EventLoop, make: () -> Object) -> Object {
        if let object = existing(on: loop) { return object }
        let object = make()
        if key >= loop.locals.count {
            loop.locals.append(contentsOf: repeatElement(nil, count: key + 1 - loop.locals.count))
        }
        loop.locals[key] = object
        return object
    }

    public func existing(on loop: isolated EventLoop) -> Object? {
        guard key < loop.locals.count, let object = loop.locals[key] else { return nil }
        // Only `object(on:make:)` fills this key, with an `Object`.
        return unsafe unsafeDowncast(object, to: Object.self)
    }

    /// Forgets the object of this loop.
    public func release(on loop: isolated EventLoop) {
        if key < loop.locals.count { loop.locals[key] = nil }
    }
}

private let nextKey = Atomic<Int>(0)
