# A small image: one static binary, nobody's user, no shell. docs/containers.md
FROM rust:1-slim-trixie AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc g++ make cmake ca-certificates
WORKDIR /src
COPY . .
# The C library is linked in; the target is named so that programs of the build itself stay as they are.
RUN target="$(rustc -vV | sed -n 's/^host: //p')" \
    && RUSTFLAGS="-C target-feature=+crt-static" cargo build --release --locked --bin orgtwin --target "$target" \
    && mkdir -p /image/tmp /image/etc/ssl/certs \
    && chmod 1777 /image/tmp \
    && cp "target/$target/release/orgtwin" /image/orgtwin \
    && cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/

FROM scratch
COPY --from=build /image/ /
USER 65532:65532
# It listens for others and therefore starts only with ORGTWIN_CONTROL_TOKEN.
ENV ORGTWIN_LISTEN=0.0.0.0:8080 ORGTWIN_LOG=json
EXPOSE 8080
HEALTHCHECK --interval=1s --timeout=2s --retries=20 CMD ["/orgtwin", "health"]
ENTRYPOINT ["/orgtwin"]
CMD ["serve"]
