/* SPDX-License-Identifier: Apache-2.0 */
/* The parser of answers: nothing that it is given may be believed. */
#include "rtnl_answers.h"

#include <stdlib.h>

#include "../../init/contract.h"
#include "../../net/attr.h"
#include "../../net/link.h"

static struct rtnl_batch batch;
static struct datagram datagram;
static struct fault fault;
static bool done, interrupted;
static size_t taken;

/* Three requests, 101 to 103. */
static int set_up(void **state)
{
	(void)state;
	rtnl_batch_init(&batch);
	for (uint32_t i = 0; i < 3; i++) {
		char what[32];

		snprintf(what, sizeof(what), "request %u", 101 + i);
		rtnl_batch_end(&batch, rtnl_batch_begin(&batch, RTM_NEWLINK, 0,
							sizeof(struct ifinfomsg), what));
		batch.requests[i].seq = 101 + i;
	}
	memset(&datagram, 0, sizeof(datagram));
	memset(&fault, 0, sizeof(fault));
	done = interrupted = false;
	taken = 0;
	return 0;
}

static int take(const struct nlmsghdr *message, void *arg)
{
	(void)message;
	(void)arg;
	taken++;
	return 0;
}

/* From memory of just that size, so that a sanitizer sees one byte too many. */
static int parse_bytes(size_t len)
{
	void *copy = malloc(len > 0 ? len : 1);
	int result;

	assert_non_null(copy);
	memcpy(copy, datagram.bytes, len);
	result = rtnl_parse(copy, len, PORTID, &batch, take, NULL, &done, &interrupted, &fault);
	free(copy);
	return result;
}

static int parse(void)
{
	return parse_bytes(datagram.len);
}

static void assert_fault(int result, int err)
{
	assert_int_equal(result, -1);
	if (fault.step != STEP_NETWORK || fault.err != err)
		fail_msg("step %u, %s: %s", fault.step, fault.what, strerror(fault.err));
}

static void acks_are_counted(void **state)
{
	(void)state;
	add_ack(&datagram, 101, 0, NULL);
	add_ack(&datagram, 102, 0, NULL);
	assert_int_equal(parse(), 2);
	assert_false(done);
	assert_int_equal(taken, 0);
}

static void an_error_at_each_request_names_it(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		char what[32];

		set_up(NULL);
		for (uint32_t k = 0; k < 3; k++)
			add_ack(&datagram, 101 + k, k == i ? EPERM : 0, NULL);
		assert_fault(parse(), EPERM);
		snprintf(what, sizeof(what), "request %u", 101 + i);
		assert_string_equal(fault.what, what);
	}
}

static void the_first_of_several_errors_is_told(void **state)
{
	(void)state;
	add_ack(&datagram, 102, EBUSY, NULL);
	add_ack(&datagram, 103, EPERM, NULL);
	assert_fault(parse(), EBUSY);
	assert_string_equal(fault.what, "request 102");
}

static void the_kernels_text_is_part_of_the_fault(void **state)
{
	(void)state;
	add_ack(&datagram, 101, EINVAL, "Unknown device type");
	assert_fault(parse(), EINVAL);
	assert_string_equal(fault.what, "request 101: Unknown device type");
}

static void unprintable_text_is_defused(void **state)
{
	(void)state;
	add_ack(&datagram, 101, EINVAL, "a\033[2Jb\n");
	assert_fault(parse(), EINVAL);
	assert_string_equal(fault.what, "request 101: a?[2Jb?");
}

static void text_without_nul_ends_with_its_attribute(void **state)
{
	struct nlmsghdr *message = add_ack(&datagram, 101, EINVAL, "abcdefghijk");
	struct nlattr *attr = (struct nlattr *)((uint8_t *)NLMSG_DATA(message) +
						sizeof(struct nlmsgerr));

	(void)state;
	attr->nla_len = NLA_HDRLEN + 8;
	memcpy((uint8_t *)attr + NLA_HDRLEN + 8, "\4\0\1\0", 4); /* an empty attribute follows */
	assert_fault(parse(), EINVAL);
	assert_true(strcmp(fault.what, "request 101: abcdefgh") == 0 ||
		    strcmp(fault.what, "request 101") == 0);
}

static void tolerated_errors_are_acks(void **state)
{
	static const int missing[] = { ENOENT, ENODEV, ESRCH, EADDRNOTAVAIL };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		set_up(NULL);
		batch.requests[0].may_miss = true;
		add_ack(&datagram, 101, missing[i], NULL);
		assert_int_equal(parse(), 1);
	}
	set_up(NULL);
	batch.requests[0].may_exist = true;
	add_ack(&datagram, 101, EEXIST, NULL);
	assert_int_equal(parse(), 1);
}

static void only_the_tolerated_errors_are(void **state)
{
	(void)state;
	batch.requests[0].may_miss = true;
	add_ack(&datagram, 101, EEXIST, NULL);
	assert_fault(parse(), EEXIST);
	set_up(NULL);
	batch.requests[0].may_exist = true;
	add_ack(&datagram, 101, ENOENT, NULL);
	assert_fault(parse(), ENOENT);
	set_up(NULL);
	batch.requests[0].may_exist = true; /* not of the next one */
	add_ack(&datagram, 102, EEXIST, NULL);
	assert_fault(parse(), EEXIST);
}

static void a_datagram_cut_anywhere_is_nonsense(void **state)
{
	size_t whole;

	(void)state;
	add_ack(&datagram, 101, EINVAL, "some text of the kernel");
	whole = datagram.len;
	for (size_t len = 0; len < whole; len++) {
		memset(&fault, 0, sizeof(fault));
		assert_fault(parse_bytes(len), EBADMSG);
	}
}

static void a_link_cut_anywhere_is_nonsense(void **state)
{
	size_t whole;

	(void)state;
	add_link(&datagram, 101, 7, "nd0123456789abc"); /* ends where its padding would begin */
	whole = datagram.len;
	for (size_t len = NLMSG_HDRLEN; len < whole; len++) {
		struct nlmsghdr *copy = malloc(len);
		struct link_info info;
		int result;

		assert_non_null(copy);
		memcpy(copy, datagram.bytes, len);
		copy->nlmsg_len = (uint32_t)len;
		result = link_parse(copy, &info);
		free(copy);
		/* A cut between attributes can't be seen, but then the name is missing. */
		if (result == 0 || errno != EBADMSG)
			fail_msg("%zu bytes of %zu: %d", len, whole, result);
	}
}

static void lying_message_lengths_are_nonsense(void **state)
{
	static const uint32_t lengths[] = { 0, 1, 15, 4096, 0x7fffffff, 0x80000000, 0xffffffff };

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		set_up(NULL);
		add_ack(&datagram, 101, 0, NULL)->nlmsg_len = lengths[i];
		assert_fault(parse(), EBADMSG);
	}
}

static void lying_attribute_lengths_are_nonsense(void **state)
{
	static const uint16_t lengths[] = { 0, 1, 3, 40, 0x7fff, 0xffff };

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct nlmsghdr *message;

		set_up(NULL);
		message = add_ack(&datagram, 101, EINVAL, "text");
		((struct nlattr *)((uint8_t *)NLMSG_DATA(message) + sizeof(struct nlmsgerr)))
			->nla_len = lengths[i];
		assert_fault(parse(), EBADMSG);
	}
}

static void an_uncapped_request_is_skipped(void **state)
{
	struct {
		struct nlmsgerr error;
		uint8_t rest[32];
		struct nlattr attr;
		char text[8];
	} ack = {
		.error = { -EINVAL, { .nlmsg_len = NLMSG_HDRLEN + 32, .nlmsg_seq = 101 } },
		.attr = { NLA_HDRLEN + 5, NLMSGERR_ATTR_MSG },
		.text = "text",
	};

	(void)state;
	memset(ack.rest, 0xee, sizeof(ack.rest));
	add_message(&datagram, NLMSG_ERROR, NLM_F_ACK_TLVS, 101, &ack, sizeof(ack));
	assert_fault(parse(), EINVAL);
	assert_string_equal(fault.what, "request 101: text");
}

static void an_uncapped_request_that_lies_is_nonsense(void **state)
{
	static const uint32_t lengths[] = { 0, 15, 4096, 0xffffffff };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct nlmsgerr error = { -EINVAL,
					  { .nlmsg_len = lengths[i], .nlmsg_seq = 101 } };

		set_up(NULL);
		add_message(&datagram, NLMSG_ERROR, NLM_F_ACK_TLVS, 101, &error, sizeof(error));
		assert_fault(parse(), EBADMSG);
	}
}

static void a_status_that_is_no_errno_is_nonsense(void **state)
{
	static const int table[] = { -1, -EINVAL, 4096, INT32_MAX };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		set_up(NULL);
		add_ack(&datagram, 101, table[i], NULL);
		assert_fault(parse(), EBADMSG);
	}
}

static void a_wrong_sequence_number_is_nonsense(void **state)
{
	static const uint32_t table[] = { 0, 100, 104, 0xffffffff };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		set_up(NULL);
		add_ack(&datagram, table[i], 0, NULL);
		assert_fault(parse(), EBADMSG);
	}
	set_up(NULL);
	add_ack(&datagram, 101, 0, NULL);
	((struct nlmsgerr *)(datagram.bytes + NLMSG_HDRLEN))->msg.nlmsg_seq = 102;
	assert_fault(parse(), EBADMSG);
}

static void a_wrong_port_id_is_nonsense(void **state)
{
	(void)state;
	add_ack(&datagram, 101, 0, NULL)->nlmsg_pid = PORTID + 1;
	assert_fault(parse(), EBADMSG);
	set_up(NULL);
	add_link(&datagram, 101, 1, "lo")->nlmsg_pid = 0;
	assert_fault(parse(), EBADMSG);
	assert_int_equal(taken, 0);
}

static void a_second_ack_is_nonsense(void **state)
{
	(void)state;
	add_ack(&datagram, 101, 0, NULL);
	add_ack(&datagram, 101, 0, NULL);
	assert_fault(parse(), EBADMSG);
}

static void trailing_bytes_are_nonsense(void **state)
{
	(void)state;
	add_ack(&datagram, 101, 0, NULL);
	datagram.len += 4;
	assert_fault(parse(), EBADMSG);
}

static void unknown_control_messages_are_nonsense(void **state)
{
	(void)state;
	add_message(&datagram, NLMSG_OVERRUN, 0, 101, NULL, 0);
	assert_fault(parse(), EBADMSG);
	set_up(NULL);
	add_message(&datagram, 0, 0, 101, NULL, 0);
	assert_fault(parse(), EBADMSG);
	set_up(NULL);
	add_message(&datagram, NLMSG_NOOP, 0, 101, NULL, 0);
	assert_int_equal(parse(), 0);
}

static void a_dump_ends_with_done(void **state)
{
	(void)state;
	add_link(&datagram, 101, 1, "lo");
	add_link(&datagram, 101, 2, "eth0");
	assert_int_equal(parse(), 0);
	assert_false(done);
	datagram.len = 0;
	add_done(&datagram, 101, 0);
	assert_int_equal(parse(), 0);
	assert_true(done);
	assert_int_equal(taken, 2);
}

static void an_error_in_done_is_told(void **state)
{
	(void)state;
	add_done(&datagram, 101, ENOMEM);
	assert_fault(parse(), ENOMEM);
	set_up(NULL);
	add_done(&datagram, 101, 0)->nlmsg_len = NLMSG_HDRLEN;
	datagram.len = NLMSG_HDRLEN;
	assert_fault(parse(), EBADMSG);
}

static void messages_after_done_are_nonsense(void **state)
{
	(void)state;
	add_done(&datagram, 101, 0);
	add_link(&datagram, 101, 1, "lo");
	assert_fault(parse(), EBADMSG);
	assert_int_equal(taken, 0);
}

static void an_interrupted_dump_is_seen(void **state)
{
	(void)state;
	add_link(&datagram, 101, 1, "lo");
	add_done(&datagram, 101, 0)->nlmsg_flags |= NLM_F_DUMP_INTR;
	assert_int_equal(parse(), 0);
	assert_true(interrupted);
}

static void nested_nonsense_is_refused(void **state)
{
	/* An attribute in an attribute in an attribute, the innermost longer than all. */
	struct {
		struct nlattr outer, middle, inner;
		uint32_t value;
	} nest = { { 16, 1 }, { 12, 1 }, { 200, 1 }, 0 };
	const struct nlattr *table[2], *next[2];

	(void)state;
	assert_int_equal(attr_parse(&nest, sizeof(nest), table, 2), 0);
	assert_int_equal(attr_parse_nested(table[1], next, 2), 0);
	assert_int_equal(attr_parse_nested(next[1], table, 2), -1);
	assert_int_equal(errno, EBADMSG);
	nest.inner.nla_len = 0;
	assert_int_equal(attr_parse_nested(next[1], table, 2), -1);
}

static void attributes_of_another_size_have_no_value(void **state)
{
	struct {
		struct nlattr attr;
		uint32_t value;
	} four = { { 8, 1 }, 0x01020304 };
	uint32_t value = 42;
	uint8_t byte = 42;
	char text[1];

	(void)state;
	assert_true(attr_u32(&four.attr, &value));
	assert_int_equal(value, 0x01020304);
	assert_false(attr_u8(&four.attr, &byte));
	four.attr.nla_len = 7;
	value = 42;
	assert_false(attr_u32(&four.attr, &value));
	assert_false(attr_u32(NULL, &value));
	assert_int_equal(value, 42);
	assert_int_equal(byte, 42);
	assert_true(attr_text(&four.attr, text, sizeof(text)));
	assert_string_equal(text, "");
}

static void types_out_of_the_table_are_left_out(void **state)
{
	struct nlattr attrs[2] = { { 4, 0x3fff }, { 4, NLA_F_NESTED | 1 } };
	const struct nlattr *table[2];

	(void)state;
	assert_int_equal(attr_parse(attrs, sizeof(attrs), table, 2), 0);
	assert_null(table[0]);
	assert_ptr_equal(table[1], &attrs[1]);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(acks_are_counted),
		TEST(an_error_at_each_request_names_it),
		TEST(the_first_of_several_errors_is_told),
		TEST(the_kernels_text_is_part_of_the_fault),
		TEST(unprintable_text_is_defused),
		TEST(text_without_nul_ends_with_its_attribute),
		TEST(tolerated_errors_are_acks),
		TEST(only_the_tolerated_errors_are),
		TEST(a_datagram_cut_anywhere_is_nonsense),
		TEST(a_link_cut_anywhere_is_nonsense),
		TEST(lying_message_lengths_are_nonsense),
		TEST(lying_attribute_lengths_are_nonsense),
		TEST(an_uncapped_request_is_skipped),
		TEST(an_uncapped_request_that_lies_is_nonsense),
		TEST(a_status_that_is_no_errno_is_nonsense),
		TEST(a_wrong_sequence_number_is_nonsense),
		TEST(a_wrong_port_id_is_nonsense),
		TEST(a_second_ack_is_nonsense),
		TEST(trailing_bytes_are_nonsense),
		TEST(unknown_control_messages_are_nonsense),
		TEST(a_dump_ends_with_done),
		TEST(an_error_in_done_is_told),
		TEST(messages_after_done_are_nonsense),
		TEST(an_interrupted_dump_is_seen),
		TEST(nested_nonsense_is_refused),
		TEST(attributes_of_another_size_have_no_value),
		TEST(types_out_of_the_table_are_left_out),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
