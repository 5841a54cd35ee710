#include "engine/access/role.h"

#include <QTest>

using namespace skillbox;
using namespace Qt::StringLiterals;

class TestRole : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void allowsWhatTheTableSays_data()
    {
        QTest::addColumn<QString>("role");
        QTest::addColumn<QString>("allowed"); // of Read, rUn, Publish, aDminister, Audit
        QTest::newRow("reader") << u"reader"_s << u"r----"_s;
        QTest::newRow("runner") << u"runner"_s << u"ru---"_s;
        QTest::newRow("publisher") << u"publisher"_s << u"rup--"_s;
        QTest::newRow("admin") << u"admin"_s << u"rupda"_s;
        QTest::newRow("auditor") << u"auditor"_s << u"r---a"_s;
    }
    void allowsWhatTheTableSays()
    {
        QFETCH(QString, role);
        QFETCH(QString, allowed);
        const auto parsed = roleFromName(role);
        QVERIFY(parsed.has_value());
        QCOMPARE(QString(roleName(*parsed)), role);
        QString seen;
        for (const auto &[permission, letter] :
             {std::pair(Permission::Read, u'r'), std::pair(Permission::Run, u'u'),
              std::pair(Permission::Publish, u'p'), std::pair(Permission::Administer, u'd'),
              std::pair(Permission::Audit, u'a')})
            seen += allows(*parsed, permission) ? QChar(letter) : QChar(u'-');
        QCOMPARE(seen, allowed);
    }

    void knowsNoOtherRole()
    {
        for (const QString &name : {QString(), u"Admin"_s, u"root"_s, u"admin "_s})
            QVERIFY(!roleFromName(name));
    }
};

QTEST_GUILESS_MAIN(TestRole)
#include "test_role.moc"
