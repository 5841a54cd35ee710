#pragma once

#include "app/desktop/session/draft_text.h"
#include "engine/base/result.h"

#include <QDateTime>
#include <QHash>
#include <QObject>
#include <QPointer>
#include <QStringList>
#include <QThreadPool>

#include <functional>
#include <memory>
#include <type_traits>

namespace skillbox {

/// A file as the editor opens it.
struct DraftFile {
    QByteArray digest; ///< of its bytes
    DraftText content;
    qint64 size = 0;
    bool huge = false; ///< over DraftFiles::largestEdited: to read only, and its beginning only
    bool writable = true;
};

/// An entry of a skill's folder.
struct DraftEntry {
    QString path; ///< relative, slash-separated
    bool isFolder = false;
    qint64 size = 0;
};

/// A line that contains what was searched.
struct DraftMatch {
    QString file;
    int line = 0; ///< from 1
    int column = 0;
    QString text;
};

enum class SearchOption { Regex = 1, MatchCase = 2 };
Q_DECLARE_FLAGS(SearchOptions, SearchOption)
Q_DECLARE_OPERATORS_FOR_FLAGS(SearchOptions)

/// What is searched in the files of a folder. `unsaved` stands for the files of these paths.
struct DraftSearch {
    QString directory;
    QString text;
    SearchOptions options;
    QHash<QString, QByteArray> unsaved;
};

/// Files as a replacement would make them; nothing was written.
struct DraftReplacement {
    QHash<QString, QByteArray> before; ///< of the files that would change
    QHash<QString, QByteArray> after;
    int places = 0;
    QStringList left; ///< files with matches that cannot be written as they are
};

struct DraftListing {
    QList<DraftEntry> entries; ///< folders before what is in them, by path
    bool complete = true;      ///< false: over the bound, the rest is left out
};

/// Reads and writes skill folders on workers; answers come on the GUI thread unless their receiver
/// is gone. GUI thread; the destructor waits for work under way.
class DraftFiles : public QObject
{
    Q_OBJECT

public:
    explicit DraftFiles(QObject *parent = nullptr);
    ~DraftFiles() override;

    template<typename T>
    using Answer = std::function<void(Result<T>)>;

    static constexpr qint64 largestEdited = 5LL << 20;
    static constexpr int mostEntries = 5000;

    void load(QObject *receiver, const QString &path, Answer<DraftFile> done);
    /// Replaces the file atomically, keeping its mode; the new digest. Conflict: it is not the one
    /// of `expected` any more; an empty `expected` overwrites whatever is there.
    void save(QObject *receiver, const QString &path, const QByteArray &bytes,
              const QByteArray &expected, Answer<QByteArray> done);
    /// Of the file as it is now. NotFound.
    void digest(QObject *receiver, const QString &path, Answer<QByteArray> done);
    void list(QObject *receiver, const QString &directory, Answer<DraftListing> done);
    /// A match a line, at most mostMatches. BadRequest: no valid expression.
    void search(QObject *receiver, const DraftSearch &search, Answer<QList<DraftMatch>> done);
    /// Every match in a line by `replacement`; see replacementOf(). TooLarge: more than
    /// mostReplaced.
    void planReplacement(QObject *receiver, const DraftSearch &search, const QString &replacement,
                         Answer<DraftReplacement> done);
    static constexpr int mostMatches = 1000;
    static constexpr int mostReplaced = 10'000;

    void createFile(QObject *receiver, const QString &path, Answer<void> done);
    void createFolder(QObject *receiver, const QString &path, Answer<void> done);
    void rename(QObject *receiver, const QString &from, const QString &to, Answer<void> done);
    /// To the desktop's trash; where it lies there.
    void trash(QObject *receiver, const QString &path, Answer<QString> done);

    static QByteArray digestOf(const QByteArray &bytes);

    /// Runs `work()`, which returns a Result, on a worker.
    template<typename Work, typename Done>
    void ask(QObject *receiver, Work work, Done done)
    {
        using Given = std::invoke_result_t<Work>;
        const QPointer<QObject> guard(receiver);
        m_pool.start([this, guard, work = std::move(work), done = std::move(done)]() mutable {
            auto answer = std::make_shared<Given>(work());
            QMetaObject::invokeMethod(
                this,
                [guard, answer, done = std::move(done)]() mutable {
                    if (guard)
                        done(std::move(*answer));
                },
                Qt::QueuedConnection);
        });
    }

private:
    QThreadPool m_pool;
};

} // namespace skillbox
