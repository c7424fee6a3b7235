/// What `--help` prints.
enum HelpText {
    static let text = """
        usage: LocalSidecar --app-id ID [flags]
               LocalSidecar --app ID=HOST:PORT@SIDECARPORT [--app …] [flags]

        Stands in for daprd where Dapr is not installed. The first form is one app's sidecar and takes daprd's flags;
        the second form is those of several apps in one process.

          --app-id ID                       the app's name
          --app-port PORT                   where the app listens
          --app-channel-address HOST        and on which host (127.0.0.1)
          --dapr-http-port PORT             where the sidecar listens (3500); 0 takes any free port
          --dapr-listen-addresses LIST      and on which addresses (127.0.0.1)
          --dapr-internal-grpc-port PORT    where it takes calls from other local sidecars
          --resources-path FOLDER           component files; can be given several times
          --config FILE                     a Dapr Configuration, for its tracing.samplingRate
          --max-body-size SIZE              of a request (4Mi)
          --read-buffer-size SIZE           of a request's head (4Ki)
          --enable-app-health-check         and --app-health-check-path, --app-health-probe-interval,
                                            --app-health-probe-timeout, --app-health-threshold
          --dapr-graceful-shutdown-seconds  for requests in flight at the end (5)
          --log-level WORD, --log-as-json

        Environment: DAPR_API_TOKEN, APP_API_TOKEN, NAMESPACE, SLIPWAY_DATA_DIR (.slipway), and SLIPWAY_SIDECAR_PEERS,
        which says where the local sidecars of other apps are (model-serving=serving:50002,…).

        """
}
