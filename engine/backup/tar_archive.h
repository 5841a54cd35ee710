#pragma once

#include "engine/base/result.h"

#include <QByteArray>
#include <QDateTime>
#include <QIODevice>

#include <memory>

namespace skillbox {

/// Writes a tar (pax) of plain files as a stream: into a pipe as well as into a file.
class TarWriter
{
public:
    /// `target` is open for writing and outlives this.
    static Result<std::unique_ptr<TarWriter>> create(QIODevice &target);
    /// Without finish() the archive has no end.
    ~TarWriter();

    /// Then exactly `size` bytes with write(). Io: the target takes no more.
    Result<void> beginFile(const QByteArray &name, qint64 size, const QDateTime &time);
    Result<void> write(QByteArrayView bytes);
    Result<void> finish();

private:
    struct State;
    explicit TarWriter(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

/// Reads such a stream without trust: only plain files, of the sizes that are told before.
class TarReader
{
public:
    static Result<std::unique_ptr<TarReader>> open(QIODevice &source);
    ~TarReader();

    struct Entry {
        QByteArray name;
        qint64 size = 0;
    };
    /// The next file; nothing at the archive's end. BadRequest for what is no such archive, one
    /// that is cut off, and entries that are no plain files.
    Result<std::optional<Entry>> next();
    /// The bytes of the file that next() gave last: at most `most`; 0 at its end. BadRequest where
    /// the archive is cut off.
    Result<qint64> read(char *data, qint64 most);

private:
    struct State;
    explicit TarReader(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace skillbox
