#include "app/desktop/preview/csv_query.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

namespace skillbox {
namespace {

char lowered(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

void lowerInto(std::string &target, QByteArrayView bytes)
{
    target.resize(static_cast<size_t>(bytes.size()));
    std::transform(bytes.begin(), bytes.end(), target.begin(), lowered);
}

bool contains(std::string_view text, std::string_view part)
{
    return ::memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
}

/// One column's cells, side by side, with the record each is of.
struct SortKeys {
    struct Key {
        quint32 record = 0;
        quint32 offset = 0;
        quint32 length = 0;
    };
    std::string text;
    std::vector<Key> keys;
    bool tooMany = false;

    void add(quint32 record, const QByteArray &cell)
    {
        if (keys.size() >= mostSorted
            || text.size() + static_cast<size_t>(cell.size()) > mostSortedBytes) {
            tooMany = true;
            return;
        }
        keys.push_back(
            {record, static_cast<quint32>(text.size()), static_cast<quint32>(cell.size())});
        text.append(cell.constData(), static_cast<size_t>(cell.size()));
    }
    std::string_view view(const Key &key) const
    {
        return std::string_view(text).substr(key.offset, key.length);
    }
};

bool parseNumber(std::string_view text, double &number)
{
    bool ok = false;
    number =
        QByteArrayView(text.data(), static_cast<qsizetype>(text.size())).trimmed().toDouble(&ok);
    return ok;
}

/// The numbers of all keys, if all but empty ones are numbers.
std::vector<double> numbersOf(const SortKeys &keys)
{
    std::vector<double> numbers;
    numbers.reserve(keys.keys.size());
    for (const SortKeys::Key &key : keys.keys) {
        double number = 0;
        if (key.length > 0 && !parseNumber(keys.view(key), number))
            return {};
        numbers.push_back(number);
    }
    return numbers;
}

int compareText(std::string_view left, std::string_view right)
{
    const size_t both = std::min(left.size(), right.size());
    for (size_t i = 0; i < both; ++i) {
        const auto a = static_cast<unsigned char>(lowered(left[i]));
        const auto b = static_cast<unsigned char>(lowered(right[i]));
        if (a != b)
            return a < b ? -1 : 1;
    }
    return left.size() == right.size() ? 0 : left.size() < right.size() ? -1 : 1;
}

std::vector<quint32> sorted(const SortKeys &keys, Qt::SortOrder order)
{
    const std::vector<double> numbers = numbersOf(keys);
    std::vector<quint32> places(keys.keys.size());
    for (size_t i = 0; i < places.size(); ++i)
        places[i] = static_cast<quint32>(i);
    std::sort(places.begin(), places.end(), [&](quint32 left, quint32 right) {
        const SortKeys::Key &a = keys.keys[left];
        const SortKeys::Key &b = keys.keys[right];
        if ((a.length == 0) != (b.length == 0))
            return b.length == 0;
        int way = 0;
        if (!numbers.empty())
            way = numbers[left] < numbers[right] ? -1 : numbers[left] > numbers[right] ? 1 : 0;
        else
            way = compareText(keys.view(a), keys.view(b));
        if (way == 0)
            return left < right; // as they come
        return order == Qt::AscendingOrder ? way < 0 : way > 0;
    });
    for (quint32 &place : places)
        place = keys.keys[place].record;
    return places;
}

} // namespace

CsvAnswer answerCsvQuery(const CsvIndex &index, const CsvFormat &format, const CsvQuery &query,
                         const std::stop_token &stop, std::atomic<int> &progress)
{
    CsvAnswer answer;
    SortKeys keys;
    const bool sorts = query.sortColumn >= 0;
    std::string part;
    lowerInto(part, query.filter.toUtf8());
    // Else it is in a cell if it is in the record: it neither crosses cells nor has a quote that
    // would be written twice.
    const bool needsCells = part.find(format.separator) != std::string::npos
        || part.find('"') != std::string::npos;
    std::string lower;
    const qint64 size = std::max<qint64>(1, index.file()->size());
    quint32 record = 0;
    const auto matches = [&](QByteArrayView bytes) {
        if (part.empty())
            return true;
        if (query.filterColumn >= 0) {
            lowerInto(lower, csvField(bytes, format.separator, query.filterColumn));
            return contains(lower, part);
        }
        lowerInto(lower, bytes);
        if (!needsCells)
            return contains(lower, part);
        const QList<QByteArray> cells = csvFields(bytes, format.separator, 100'000);
        return std::any_of(cells.begin(), cells.end(), [&](const QByteArray &cell) {
            lowerInto(lower, cell);
            return contains(lower, part);
        });
    };
    readCsv(*index.file(), format.separator, index.start(), stop,
            [&](QByteArrayView bytes, qint64 offset) {
                const quint32 number = record++;
                if ((number & 0xfff) == 0)
                    progress = static_cast<int>(offset * 1000 / size);
                if ((number == 0 && format.header) || !matches(bytes))
                    return true;
                if (answer.records.size() >= mostFiltered) {
                    answer.cut = true;
                    return false;
                }
                if (sorts && !keys.tooMany)
                    keys.add(number, csvField(bytes, format.separator, query.sortColumn));
                // Without a filter and unsorted, all of them are shown as they come.
                if (!part.empty() || !keys.tooMany)
                    answer.records.push_back(number);
                return !(part.empty() && keys.tooMany);
            });
    if (sorts && !stop.stop_requested()) {
        if (keys.tooMany)
            answer.sorted = false;
        else
            answer.records = sorted(keys, query.sortOrder);
    }
    progress = 1000;
    return answer;
}

} // namespace skillbox
