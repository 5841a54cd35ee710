#pragma once

#include "engine/base/error.h"

#include <tl/expected.hpp>

namespace skillbox {

/// A value or the Error that says why there is none. `<expected>` is C++23, hence tl::expected.
template<typename T>
using Result = tl::expected<T, Error>;

/// `return fail(ErrorCode::NotFound, u"no skill named …"_s);`
inline tl::unexpected<Error> fail(ErrorCode code, QString message, QString detail = {})
{
    return tl::unexpected<Error>(Error{code, std::move(message), std::move(detail)});
}

/// Passes the error of another Result on: `return fail(other.error());`
inline tl::unexpected<Error> fail(Error error)
{
    return tl::unexpected<Error>(std::move(error));
}

} // namespace skillbox
