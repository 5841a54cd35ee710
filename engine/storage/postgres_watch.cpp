#include "engine/storage/postgres_watch.h"

#include "engine/base/ids.h"

#include <QLoggingCategory>
#include <QSqlDriver>
#include <QSqlQuery>
#include <QThread>
#include <QTimer>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

Q_LOGGING_CATEGORY(watchLog, "skillbox.watch")

/// A connection that the server has dropped says nothing by itself, so it is asked.
constexpr auto timeBetweenLooks = std::chrono::seconds(2);

/// The connection and what listens to it; everything on the watch's thread.
class Listening
{
public:
    Listening(const SqlDialect &dialect, QString channel, const StoreNewsHandler &handler)
        : m_dialect(dialect)
        , m_channel(std::move(channel))
        , m_handler(handler)
    {
    }
    ~Listening() { close(); }

    /// Makes sure that it listens.
    void look()
    {
        if (m_database.isOpen() && QSqlQuery(m_database).exec(u"SELECT 1"_s)) {
            m_complained = false;
            return;
        }
        close();
        open();
    }

private:
    void open()
    {
        const QString name = u"skillbox-watch-"_s + newUuid();
        auto database = m_dialect.connect(name);
        if (!database) {
            complain(database.error().message, database.error().detail);
            return;
        }
        m_name = name;
        m_database = std::move(*database);
        QSqlDriver *driver = m_database.driver();
        QObject::connect(driver, &QSqlDriver::notification, driver,
                         [this](const QString &, QSqlDriver::NotificationSource,
                                const QVariant &text) {
                             m_handler(decodeNews(text.toString().toLatin1()));
                         });
        if (!driver->subscribeToNotification(m_channel)) {
            complain(u"the database's news cannot be heard"_s, driver->lastError().text());
            return close();
        }
        m_handler({StoreNews{}});
    }

    void close()
    {
        if (m_name.isEmpty())
            return;
        m_database.close();
        m_database = {};
        QSqlDatabase::removeDatabase(m_name);
        m_name.clear();
    }

    void complain(const QString &message, const QString &detail)
    {
        if (!m_complained) // not every two seconds
            qCInfo(watchLog, "%s %s", qUtf8Printable(message), qUtf8Printable(detail));
        m_complained = true;
    }

    const SqlDialect &m_dialect;
    const QString m_channel;
    const StoreNewsHandler &m_handler;
    QString m_name;
    QSqlDatabase m_database;
    bool m_complained = false;
};

class PostgresWatch final : public StoreWatch, private QThread
{
public:
    PostgresWatch(const SqlDialect &dialect, QString channel, StoreNewsHandler handler)
        : m_dialect(dialect)
        , m_channel(std::move(channel))
        , m_handler(std::move(handler))
    {
        start();
    }
    ~PostgresWatch() override
    {
        quit();
        wait();
    }

private:
    void run() override
    {
        Listening listening(m_dialect, m_channel, m_handler);
        QTimer clock;
        QObject::connect(&clock, &QTimer::timeout, &clock, [&listening] { listening.look(); });
        clock.start(timeBetweenLooks);
        listening.look();
        exec();
    }

    const SqlDialect &m_dialect;
    const QString m_channel;
    const StoreNewsHandler m_handler;
};

} // namespace

std::unique_ptr<StoreWatch> watchPostgres(const SqlDialect &dialect, QString channel,
                                          StoreNewsHandler handler)
{
    return std::make_unique<PostgresWatch>(dialect, std::move(channel), std::move(handler));
}

} // namespace skillbox
