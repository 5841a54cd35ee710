#include "app/desktop/catalog/catalog_model.h"

#include "tests/support/store_records.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;
using namespace skillbox::test;

namespace {

SkillVersionRecord version(const QString &name, const QString &text, const QString &language = {},
                           qint64 second = 0)
{
    SkillVersionRecord record = someVersion(localTenant(), name, text, second);
    record.language = language;
    record.findings = {};
    return record;
}

SkillVersionRecord yanked(SkillVersionRecord record)
{
    record.yankedAt = at(9);
    return record;
}

QStringList namesOf(const CatalogModel &model)
{
    QStringList names;
    for (int row = 0; row < model.rowCount(); ++row)
        names.append(model.entry(row).name);
    return names;
}

int countOf(const CatalogModel &model, Facet facet, const QString &value)
{
    for (const FacetCount &count : model.facetCounts().value(facet)) {
        if (count.value == value)
            return count.count;
    }
    return -1;
}

} // namespace

class CatalogModelTest : public QObject
{
    Q_OBJECT

    /// Four skills: one in both places, one with other content there, one here and one there only.
    static QList<CatalogEntry> someEntries()
    {
        SkillVersionRecord found = version(u"chart"_s, u"1.0.0"_s, u"python"_s, 4);
        found.findings = {QJsonObject{{u"id"_s, u"SBX-SEC001"_s}, {u"message"_s, u"a secret"_s}}};
        SkillVersionRecord other = version(u"chart"_s, u"1.0.0"_s, u"python"_s);
        other.digest = u"sha256:other"_s;
        return mergeCatalog({version(u"alpha"_s, u"1.0.0"_s, u"bash"_s, 1),
                             version(u"alpha"_s, u"1.10.0"_s, u"bash"_s, 3),
                             yanked(version(u"alpha"_s, u"2.0.0"_s, u"bash"_s, 5)), found,
                             yanked(version(u"old"_s, u"0.1.0"_s))},
                            {{u"team"_s,
                              {version(u"alpha"_s, u"1.11.0"_s, u"bash"_s), other,
                               version(u"theirs"_s, u"3.0.0"_s, u"node"_s, 7)}}},
                            {{u"alpha"_s, 12, at(20)}, {u"gone"_s, 3, at(1)}});
    }

private Q_SLOTS:
    void mergesPlacesIntoOneRowASkill()
    {
        const QList<CatalogEntry> entries = someEntries();
        QCOMPARE(entries.size(), 4);
        const CatalogEntry &alpha = entries[0];
        QCOMPARE(alpha.main().newest.version, u"1.10.0"_s); // by SemVer, and not the yanked one
        QCOMPARE(alpha.main().versions, 3);
        QCOMPARE(alpha.at(u"team"_s)->newest.version, u"1.11.0"_s);
        QVERIFY(alpha.newerElsewhere && !alpha.conflicting && alpha.isLocal());
        QCOMPARE(alpha.runs, 12);
        const CatalogEntry &chart = entries[1];
        QVERIFY(chart.conflicting && !chart.newerElsewhere);
        QCOMPARE(chart.findings, FindingLevel::Security);
        QCOMPARE(entries[2].name, u"old"_s);
        QVERIFY(entries[2].main().isYanked());
        QVERIFY(!entries[3].isLocal());
        QCOMPARE(entries[3].findings, FindingLevel::Unknown);
    }

    void keepsTheRulesOfAModelWhileItIsFilteredAndSorted()
    {
        CatalogModel model;
        const QAbstractItemModelTester tester(&model,
                                              QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setEntries(someEntries());
        for (int column = 0; column < CatalogModel::ColumnCount; ++column) {
            model.sort(column, Qt::DescendingOrder);
            model.sort(column, Qt::AscendingOrder);
            QCOMPARE(model.rowCount(), 4);
        }
        model.setFilter({.words = {u"nothing like it"_s}, .found = {}, .chosen = {}});
        QCOMPARE(model.rowCount(), 0);
        model.setFilter({});
        model.setEntries({});
        QCOMPARE(model.rowCount(), 0);
    }

    void filters_data()
    {
        QTest::addColumn<QString>("words");
        QTest::addColumn<QStringList>("found");
        QTest::addColumn<int>("facet");
        QTest::addColumn<QStringList>("values");
        QTest::addColumn<QStringList>("expected");
        const QStringList none;
        const auto all = QStringList{u"alpha"_s, u"chart"_s, u"old"_s, u"theirs"_s};
        QTest::newRow("nothing") << QString() << none << -1 << none << all;
        QTest::newRow("part of a name") << u"lph"_s << none << -1 << none << QStringList{u"alpha"_s};
        QTest::newRow("a description") << u"does chart"_s << none << -1 << none << QStringList{u"chart"_s};
        QTest::newRow("found by the store") << u"xyz"_s << QStringList{u"old"_s} << -1 << none
                                            << QStringList{u"old"_s};
        QTest::newRow("a server") << QString() << none << static_cast<int>(Facet::Source)
                                  << QStringList{u"team"_s}
                                  << QStringList{u"alpha"_s, u"chart"_s, u"theirs"_s};
        QTest::newRow("this machine") << QString() << none << static_cast<int>(Facet::Source)
                                      << QStringList{QString()}
                                      << QStringList{u"alpha"_s, u"chart"_s, u"old"_s};
        QTest::newRow("two languages") << QString() << none << static_cast<int>(Facet::Language)
                                       << QStringList{u"bash"_s, u"node"_s}
                                       << QStringList{u"alpha"_s, u"theirs"_s};
        QTest::newRow("a status") << QString() << none << static_cast<int>(Facet::Status)
                                  << QStringList{u"yanked"_s} << QStringList{u"old"_s};
        QTest::newRow("findings") << QString() << none << static_cast<int>(Facet::Findings)
                                  << QStringList{u"security"_s} << QStringList{u"chart"_s};
        QTest::newRow("a value that none has") << QString() << none << static_cast<int>(Facet::Source)
                                               << QStringList{u"gone"_s} << none;
        QTest::newRow("words and a value") << u"a"_s << none << static_cast<int>(Facet::Language)
                                           << QStringList{u"python"_s} << QStringList{u"chart"_s};
    }
    void filters()
    {
        QFETCH(QString, words);
        QFETCH(QStringList, found);
        QFETCH(int, facet);
        QFETCH(QStringList, values);
        QFETCH(QStringList, expected);
        CatalogModel model;
        model.setEntries(someEntries());
        CatalogFilter filter{.words = words.split(u' ', Qt::SkipEmptyParts),
                             .found = QSet<QString>(found.cbegin(), found.cend()),
                             .chosen = {}};
        if (facet >= 0)
            filter.chosen.insert(static_cast<Facet>(facet),
                                 QSet<QString>(values.cbegin(), values.cend()));
        model.setFilter(filter);
        QCOMPARE(namesOf(model), expected);
    }

    void countsWhatChoosingAValueWouldShow()
    {
        CatalogModel model;
        model.setEntries(someEntries());
        QCOMPARE(countOf(model, Facet::Source, {}), 3);
        QCOMPARE(countOf(model, Facet::Source, u"team"_s), 3);
        CatalogFilter filter;
        filter.chosen.insert(Facet::Language, {u"bash"_s});
        model.setFilter(filter);
        QCOMPARE(countOf(model, Facet::Language, u"node"_s), 1); // its own facet has no say
        QCOMPARE(countOf(model, Facet::Source, u"team"_s), 1);
        QCOMPARE(countOf(model, Facet::Status, u"yanked"_s), 0);
    }

    void sorts_data()
    {
        QTest::addColumn<int>("column");
        QTest::addColumn<Qt::SortOrder>("order");
        QTest::addColumn<QString>("first");
        QTest::newRow("name") << int(CatalogModel::Name) << Qt::AscendingOrder << u"alpha"_s;
        QTest::newRow("name down") << int(CatalogModel::Name) << Qt::DescendingOrder << u"theirs"_s;
        QTest::newRow("version by SemVer")
            << int(CatalogModel::Version) << Qt::DescendingOrder << u"theirs"_s;
        QTest::newRow("runs") << int(CatalogModel::Runs) << Qt::DescendingOrder << u"alpha"_s;
        QTest::newRow("published") << int(CatalogModel::Updated) << Qt::DescendingOrder << u"theirs"_s;
        QTest::newRow("language") << int(CatalogModel::Language) << Qt::AscendingOrder << u"old"_s;
    }
    void sorts()
    {
        QFETCH(int, column);
        QFETCH(Qt::SortOrder, order);
        CatalogModel model;
        model.setEntries(someEntries());
        model.sort(column, order);
        QTEST(namesOf(model).value(0), "first");
    }
};

QTEST_MAIN(CatalogModelTest)
#include "test_catalog_model.moc"
