#pragma once

#include <QByteArray>
#include <QByteArrayView>
#include <QString>

#include <memory>

namespace skillbox {

/// SHA-256 (FIPS 180-4) over a stream, by OpenSSL, which uses the processor's instructions.
class Sha256
{
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256 &&) noexcept;
    Sha256 &operator=(Sha256 &&) noexcept;

    void add(QByteArrayView bytes);
    /// Lower-case hex, 64 digits. Call once; the object is spent.
    QString finish();

    static QString of(QByteArrayView bytes);

private:
    struct Context;
    std::unique_ptr<Context> m_context;
};

} // namespace skillbox
