#include "server/http/tls_identity.h"

#include <QFile>
#include <QSslCertificate>
#include <QSslKey>
#include <QSslSocket>

#include <openssl/pem.h>
#include <openssl/x509.h>

using namespace Qt::StringLiterals;

namespace skillbox {

namespace {

Result<QByteArray> readPem(const QString &path, const QString &what)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        return fail(ErrorCode::Io,
                    u"cannot read the %1 \"%2\": %3"_s.arg(what, path, file.errorString()));
    }
    constexpr qint64 maxPemBytes = 1 << 20;
    return file.read(maxPemBytes);
}

/// Qt does not compare them before the first handshake.
bool belongTogether(const QByteArray &certificatePem, const QByteArray &keyPem)
{
    const auto bioOf = [](const QByteArray &text) {
        return std::unique_ptr<BIO, decltype(&BIO_free)>(
            BIO_new_mem_buf(text.constData(), int(text.size())), &BIO_free);
    };
    // No password: a server starts without anybody who could type one.
    const auto noPassword = [](char *, int, int, void *) { return 0; };
    const auto certificateBio = bioOf(certificatePem);
    const auto keyBio = bioOf(keyPem);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(
        PEM_read_bio_X509(certificateBio.get(), nullptr, noPassword, nullptr), &X509_free);
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        PEM_read_bio_PrivateKey(keyBio.get(), nullptr, noPassword, nullptr), &EVP_PKEY_free);
    return certificate && key && X509_check_private_key(certificate.get(), key.get()) == 1;
}

QSslKey parseKey(const QByteArray &pem)
{
    for (const QSsl::KeyAlgorithm algorithm : {QSsl::Ec, QSsl::Rsa}) {
        if (QSslKey key(pem, algorithm); !key.isNull())
            return key;
    }
    return {};
}

} // namespace

Result<QSslConfiguration> loadTlsIdentity(const QString &certificatePath, const QString &keyPath)
{
    if (!QSslSocket::supportsSsl())
        return fail(ErrorCode::Io, u"TLS was asked for and Qt finds no TLS library here"_s);
    const auto certificatePem = readPem(certificatePath, u"TLS certificate"_s);
    if (!certificatePem)
        return fail(certificatePem.error());
    const auto keyPem = readPem(keyPath, u"TLS key"_s);
    if (!keyPem)
        return fail(keyPem.error());
    const QList<QSslCertificate> chain = QSslCertificate::fromData(*certificatePem, QSsl::Pem);
    if (chain.isEmpty()) {
        return fail(ErrorCode::BadRequest,
                    u"there is no PEM certificate in \"%1\""_s.arg(certificatePath));
    }
    const QSslKey key = parseKey(*keyPem);
    if (key.isNull()) {
        return fail(ErrorCode::BadRequest,
                    u"there is no unencrypted RSA or EC key in PEM in \"%1\""_s.arg(keyPath));
    }
    if (!belongTogether(*certificatePem, *keyPem)) {
        return fail(ErrorCode::BadRequest,
                    u"the TLS key \"%1\" does not belong to the certificate \"%2\""_s.arg(
                        keyPath, certificatePath));
    }
    QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
    configuration.setLocalCertificateChain(chain);
    configuration.setPrivateKey(key);
    configuration.setProtocol(QSsl::TlsV1_2OrLater);
    configuration.setPeerVerifyMode(QSslSocket::VerifyNone); // clients show keys, not certificates
    return configuration;
}

} // namespace skillbox
