// Package kube is a Kubernetes API server whose objects live in memory: an http.Handler that client-go, controller-runtime
// and kubectl talk to unchanged. In a virtual run it is served over in-memory connections inside of a testing/synctest
// bubble, where its time is virtual; in a live run over loopback, where kubectl get, apply, edit and delete work.
//
// # Why not controller-runtime's fake client
//
// The fake replaces the client, so that what runs in a simulation is not what runs in a cluster. This server replaces the
// other end of the connection: REST client, informers, caches, back-off and the encoding of objects are the real ones, and
// so are the faults that a network can put between them. The fake also gets wrong what an operator lives by: it counts no
// metadata.generation; its resource versions are those of single objects, so that a watch cannot resume and a list does
// not say what it is of; its watch channels panic when more than a hundred events wait; it validates, defaults and prunes
// nothing; and managers with several clusters have to be taught to take it.
//
// # What is as in a real server
//
//   - GET, LIST with label and field selectors and consistent pages, WATCH from a resource version, with bookmarks, and as
//     a streaming list (sendInitialEvents), POST, PUT, the four kinds of PATCH, DELETE and deletecollection, dry runs.
//   - One counter of resource versions; optimistic locking; writes that change nothing are not written.
//   - Status and everything else are kept apart; generation counts the changes of the rest. Finalizers, and namespaces
//     that terminate.
//   - Custom resources: schemas, defaults, pruning, CEL rules, several versions, columns, selectable fields. Definitions
//     can be added, changed and deleted while the server runs.
//   - fieldValidation: unknown fields are warned of, refused or ignored.
//   - Discovery in both forms, tables and metadata-only objects, and as much OpenAPI as kubectl asks for before it writes.
//   - Errors are metav1.Status with the code, reason, causes and words of the real server.
//
// # What differs, and the test that shows it
//
//   - Responses are JSON. Objects of built-in kinds may be sent as protobuf; a client that accepts nothing but protobuf or
//     CBOR is refused with 406 or 415 (TestEncodings).
//   - uids and generated names are derived by hash from the cluster's name and the object's, never random
//     (TestEqualRequestsGiveEqualBytes).
//   - A namespace is created with the first object in it, unless Config.RequireNamespaces (TestNamespacesComeWithObjects).
//   - Deleting a namespace removes its objects at once, not a little later (TestNamespaceDeletion).
//   - Nothing is collected or cascades by ownerReferences; propagationPolicy is ignored (TestOwnersAreNotCollected).
//   - A pod's grace period is ignored (TestPodsGoAtOnce). There are no controllers at all: no endpoints, no replicas, no
//     load balancers, and no cluster IPs.
//   - managedFields are kept from an object's first server-side apply on, not from its creation (TestManagedFieldsBegin).
//   - Versions of a custom resource differ in apiVersion only; conversion webhooks are refused, and so are admission
//     webhooks for want of their resources (TestConversionWebhookIsRefused).
//   - Of the built-in kinds, Ingress, Service, Secret and Namespace have their most noticeable defaults and checks
//     (TestBuiltinRules); all others are checked for types, unknown fields and metadata only.
//   - Events of the core group and of events.k8s.io are separate objects (TestEventsOfTwoGroups).
//   - There are no scale, token, binding, log or exec subresources, and nobody is authenticated or refused.
//   - A list at a resource version that does not exist yet fails at once with 504 instead of after 3 s, since ordinary
//     requests never block (TestListOfTheFuture).
//
// # Determinism
//
// Equal requests in equal order, at equal times, get equal bytes. Requests that race are ordered by who gets the lock, so
// a virtual run sends them through one event loop. A watch sends the commits of its resource in their order, whatever the
// timing of its goroutine. What stays random is in the clients: client-go draws the duration of its watches from the
// global random source, which Config.WatchDuration makes irrelevant.
//
// # Clients in a bubble
//
// Virtual time stands still while a goroutine waits for a sync.Mutex. The clients of controller-runtime hold mutexes while
// they ask for discovery, so that where a network takes time, two of them that learn of kinds at once wait forever. Ask the
// RESTMapper for one kind, which loads all, and for every informer, before a cluster or a manager is started.
package kube
