import Access
import Domain
import HTTP

/// Lets nobody past who is not known, or may not do what the route says it does.
///
/// A refusal never tells more than its receiver may know: whoever may not see a thing is told that there is none, and
/// whoever could not see it even as its owner is refused without a look at whether it exists.
public struct AccessControl: Sendable {
    public let authority: AccessAuthority
    private let authenticator: any Authenticator
    private let owners: [String: any OwnerLookup]

    /// - Parameter owners: of the things that have some, by collection: `models`.
    public init(
        authenticator: any Authenticator, authority: AccessAuthority, owners: [String: any OwnerLookup] = [:]
    ) {
        self.authenticator = authenticator
        self.authority = authority
        self.owners = owners.merging([APIKeyOwners.collection: APIKeyOwners(authority: authority)]) { $1 }
    }

    /// Sets the context's principal, rights and trace, unless the route is open.
    /// - Throws: `.unauthenticated`, `.permissionDenied`; `.notFound` for what the caller may not know of;
    ///   `.unavailable` while nothing can be decided.
    func admit(
        _ request: HTTPRequest, to route: Route, _ context: inout RequestContext
    ) async throws(ServiceError) {
        guard case .requires(let permission) = route.access else { return }
        let object = AccessObject(route.pattern, context.parameters, permission: permission)
        context.access = AccessTrace(action: permission, object: object.text)
        let principal = try await authenticator.principal(of: request)
        context.principal = principal
        let book = try authority.book()
        context.rights = CallerRights(of: principal.subject) { action, object in
            let decision = book.decide(AccessRequest(principal, object, action))
            if decision.isAllowed { return .allowed }
            // What cannot be decided is not the owner's either.
            return decision.isDenied || decision.problem != nil ? .denied : .unsaid
        }
        try await decide(permission, object, principal, for: route, &context)
    }

    private func decide(
        _ permission: String, _ object: AccessObject, _ principal: Principal, for route: Route,
        _ context: inout RequestContext
    ) async throws(ServiceError) {
        var object = object
        var thing: OwnedThing?
        let lookup = object.collection.flatMap { owners[$0] }
        // Where a rule is about one thing by its id, another name of that thing must be no way around it.
        if let lookup, let collection = object.collection, let id = object.id,
            try authority.book().namesThings(of: collection)
        {
            thing = try await lookup.find(id)
            if let thing { object = object.renamed(thing.id) }
        }
        let decision = try authority.decide(AccessRequest(principal, object.text, permission))
        context.access?.object = object.text
        context.access?.rule = decision.rule?.description
        if decision.isAllowed { return }
        let refusal = ServiceError.permissionDenied("\(principal.subject) has no permission \(permission).")
        guard !decision.isDenied, decision.problem == nil else { throw refusal }
        let asOwner = try authority.decide(AccessRequest(principal, object.text, permission + "_own"))
        guard asOwner.isAllowed else { throw refusal }
        guard let lookup, let id = object.id else {
            // The handler itself looks at who owns what, where it says so.
            guard route.servesOwners else { throw refusal }
            context.access?.rule = asOwner.rule?.description
            return
        }
        if thing == nil { thing = try await lookup.find(id) }
        if let thing {
            context.access?.object = object.renamed(thing.id).text
            if context.rights.owns(thing.ownerID) {
                context.access?.rule = asOwner.rule?.description
                return
            }
            if mayKnow(of: object.renamed(thing.id), permission, context.rights) { throw refusal }
        }
        context.access?.isHidden = true
        throw lookup.absence(of: id)
    }

    private func mayKnow(of object: AccessObject, _ permission: String, _ rights: CallerRights) -> Bool {
        rights.may(permission.prefix { $0 != ":" } + ":get", object.text)
    }
}
