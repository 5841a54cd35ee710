// A schema, a NUL byte and an input: whatever they are, the check ends, soon, and says the same
// twice.

#include "tests/fuzz/require.h"

#include "engine/execution/input_schema.h"

using namespace skillbox;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const QByteArray bytes(reinterpret_cast<const char *>(data), static_cast<qsizetype>(size));
    const qsizetype split = bytes.indexOf('\0');
    if (split < 0)
        return 0;
    const auto schema = InputSchema::parse(bytes.first(split));
    if (!schema) {
        FUZZ_REQUIRE(schema.error().code == ErrorCode::InvalidSkill);
        FUZZ_REQUIRE(!schema.error().message.isEmpty());
        return 0;
    }
    const auto input = JsonText::parse(bytes.sliced(split + 1));
    if (!input)
        return 0;
    const auto checked = schema->check(*input);
    const auto again = schema->check(*input);
    FUZZ_REQUIRE(checked.has_value() == again.has_value());
    if (checked)
        return 0;
    FUZZ_REQUIRE(checked.error().code == ErrorCode::InvalidInput);
    FUZZ_REQUIRE(checked.error().items.size() <= InputSchema::maxViolations);
    FUZZ_REQUIRE(checked.error().items == again.error().items);
    return 0;
}
